// HTTP dates (RFC 9110 §5.6.7): the three forms that a recipient must read, and nothing that Date.parse would guess.
const MONTH = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const TIME = '\\d{2}:\\d{2}:\\d{2}';
const DAY = '(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?';
const PREFERRED = new RegExp(`^${DAY}, \\d{1,2}[ -](?:${MONTH})[ -](?:\\d{4}|\\d{2}) ${TIME} GMT$`, 'i');
const ASCTIME = new RegExp(`^${DAY} (?:${MONTH}) [ \\d]\\d ${TIME} \\d{4}$`, 'i');

/** Milliseconds since the epoch, in whole seconds; NaN where the field is absent or no date. */
export function httpDate(field: string | undefined): number {
  // Netscape 3 added "; length=…".
  const text = (field ?? '').replace(/;.*$/, '').trim();
  if (PREFERRED.test(text)) return Date.parse(text);
  return ASCTIME.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}
