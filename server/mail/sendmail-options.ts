// The command line of sendmail (sendmail(8)): what old scripts write, and what of it means something here.
// Pure. Letters may be joined ("-ti"), values attached or apart ("-fme", "-f me"); "--" ends the flags.

export type SendmailMode = 'deliver' | 'smtp' | 'nothing';

export interface SendmailOptions {
  readonly kind: 'options';
  /** -bs: SMTP on stdin and stdout. -bp, -bi, -q alone: there is no queue and there are no aliases. */
  readonly mode: SendmailMode;
  /** -t: recipients stand in the header. */
  readonly fromHeader: boolean;
  /** -i, -oi: a line that is a dot alone does not end the message. */
  readonly ignoreDots: boolean;
  /** -f, -r: the envelope's sender. */
  readonly sender: string | undefined;
  /** -F */
  readonly fullName: string | undefined;
  readonly recipients: readonly string[];
}

export interface SendmailUsageError {
  readonly kind: 'usage';
  readonly problem: string;
}

// getopt's list of sendmail 8, and -G, -I, -U of it and Postfix.
const WITH_VALUE = 'ABCDFLMNOQRVXbfhopr';
/** -d and -q take a value only where it is attached. */
const WITH_ATTACHED = 'dq';
const SWITCHES = 'GIUcegimnstvTx';
const MODES: Readonly<Record<string, SendmailMode>> = { m: 'deliver', s: 'smtp', p: 'nothing', i: 'nothing' };

export function readSendmailOptions(words: readonly string[]): SendmailOptions | SendmailUsageError {
  const { flags, recipients, problem } = split(words);
  if (problem !== undefined) return { kind: 'usage', problem };
  const last = (...letters: readonly string[]) => flags.findLast(([letter]) => letters.includes(letter))?.[1];
  const has = (letter: string) => flags.some(([given]) => given === letter);
  const written = last('b') ?? 'm';
  const mode = MODES[written];
  if (mode === undefined) return { kind: 'usage', problem: `-b${written} is not done here: -bm and -bs are` };
  const fromHeader = has('t');
  const isQueueRun = has('q') && recipients.length === 0 && !fromHeader;
  return {
    kind: 'options',
    mode: mode === 'deliver' && isQueueRun ? 'nothing' : mode,
    fromHeader,
    ignoreDots: has('i') || flags.some(([letter, value]) => letter === 'o' && value === 'i'),
    sender: last('f', 'r'),
    fullName: last('F'),
    recipients,
  };
}

interface Split {
  readonly flags: readonly (readonly [letter: string, value: string])[];
  readonly recipients: readonly string[];
  readonly problem?: string;
}

function split(words: readonly string[]): Split {
  const flags: (readonly [string, string])[] = [];
  const recipients: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') return { flags, recipients: [...recipients, ...words.slice(index + 1)] };
    if (!word.startsWith('-') || word === '-') {
      recipients.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at += 1) {
      const letter = word.charAt(at);
      const attached = word.slice(at + 1);
      if (SWITCHES.includes(letter)) {
        flags.push([letter, '']);
        continue;
      }
      if (!WITH_VALUE.includes(letter) && !WITH_ATTACHED.includes(letter))
        return { flags, recipients, problem: `there is no flag -${letter}` };
      const isApart = WITH_VALUE.includes(letter) && attached === '';
      if (isApart) index += 1;
      const value = isApart ? words[index] : attached;
      if (value === undefined) return { flags, recipients, problem: `-${letter} needs a value` };
      flags.push([letter, value]);
      break;
    }
  }
  return { flags, recipients };
}
