// Regular expressions as a plan writes them: JavaScript's, with `/…/i` for flags.
// Pure.

/** The pattern of a plan; `/…/i` gives flags, else "^" and "$" mean lines. Throws a SyntaxError where it is none. */
export function patternOf(written: string): RegExp {
  const [, source, flags] = /^\/(.*)\/([imsu]*)$/s.exec(written) ?? [];
  return source === undefined ? new RegExp(written, 'm') : new RegExp(source, flags);
}

export function isPattern(written: string): boolean {
  // What a template will put there is not known yet.
  if (written.includes('{{')) return true;
  try {
    patternOf(written);
    return true;
  } catch {
    return false;
  }
}

/** Flags of other languages, and letters too few for the last name of a path like /usr/bin. */
const OTHER_FLAGS = /^\/.+\/(?![imsu]+$)(?:[A-Za-z]{1,2}|[dgimsuvxy]+)$/s;

/** Would it be taken for text, slashes and all, though it was meant to have flags? */
export function hasKnownFlags(written: string): boolean {
  return !OTHER_FLAGS.test(written);
}
