// The addresses of a To, Cc or Bcc field (RFC 5322 §3.4), as sendmail -t reads them; also of an argument "a@b, c@d".
// Pure, and lenient as the programs that wrote such fields by hand: what is no address is left to the mail server.

/** "Alice <alice@example.org>, bob, Friends: c@d;" → the addresses alone. Comments and names are dropped. */
export function addressList(field: string): readonly string[] {
  return separated(field)
    .map(addressOf)
    .filter((address) => address !== '');
}

/** Splits at commas and group marks that stand outside quotes, comments and angle brackets. */
function separated(field: string): readonly string[] {
  const entries: string[] = [];
  let entry = '';
  let comments = 0;
  let isQuoted = false;
  let isInBrackets = false;
  for (let index = 0; index < field.length; index += 1) {
    const char = field.charAt(index);
    if (char === '\\') {
      if (comments === 0) entry += field.slice(index, index + 2);
      index += 1;
    } else if (isQuoted || (char === '"' && comments === 0)) {
      if (char === '"') isQuoted = !isQuoted;
      entry += char;
    } else if (char === '(' || (char === ')' && comments > 0)) {
      comments += char === '(' ? 1 : -1;
    } else if (comments > 0) {
    } else if (!isInBrackets && (char === ',' || char === ';')) {
      entries.push(entry);
      entry = '';
    } else if (!isInBrackets && char === ':') {
      entry = ''; // what was read is the name of a group
    } else {
      if (char === '<' || char === '>') isInBrackets = char === '<';
      entry += char;
    }
  }
  return [...entries, entry];
}

function addressOf(entry: string): string {
  const [, bracketed] = /<([^<>]*)>?$/.exec(entry.trimEnd()) ?? [];
  // A route, "<@relay:user@host>", is ignored (RFC 5321 appendix C).
  return (bracketed ?? entry)
    .trim()
    .replace(/^@[^:]*:/, '')
    .trim();
}
