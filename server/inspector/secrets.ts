// Values that are hidden until somebody asks: credentials and cookies, and what `inspector.mask` names.
// Masking happens only here, at display: the record is whole, so that a replay is.

/** Stands for a hidden value; sent back by an editor, it means the value as recorded. */
export const MASK = '••••••••';

/** Tells whether the value of a header field or variable is hidden. */
export type IsSecret = (name: string) => boolean;

const ALWAYS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie'];

/** HTTP_X_TOKEN and X-Token are one name here. Nothing is hidden from who has asked (`isRevealed`). */
export function secretNames(mask: readonly string[], isRevealed: boolean): IsSecret {
  if (isRevealed) return () => false;
  const names = new Set([...ALWAYS, ...mask].map(plainName));
  return (name) => names.has(plainName(name));
}

/** Hides the values of secret fields in a header block, line by line. `mask` is MASK, or its bytes where the header is bytes. */
export function maskedHeader(header: string, isSecret: IsSecret, mask: string = MASK): string {
  return header.replace(/^([^\s:]+)(:[ \t]*)([^\r\n]+)/gm, (line, name: string, colon: string) =>
    isSecret(name) ? name + colon + mask : line,
  );
}

function plainName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^(redirect-)?http-/, '');
}
