// Program text without what is no program: comments, documentation, here-documents, strings.
// Promises: line numbers stay; time grows with the length of the text only. It is no parser: what the interpreter itself
// says of a file (syntax.ts) overrules what is found here.
import type { ByteString } from '../config/byte-string.ts';

export interface CodeLine {
  /** Counts from 1. */
  readonly number: number;
  /** Without comments. */
  readonly code: ByteString;
  /** And with the contents of strings left out: 'name' becomes ''. */
  readonly bare: ByteString;
}

// Longer lines are data.
const LONGEST_LINE = 2000;
const STRINGS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;

function lineOf(code: ByteString, number: number): CodeLine {
  return { number, code, bare: bareOf(code) };
}

/** Without the contents of strings. */
export function bareOf(code: ByteString): ByteString {
  return code.replace(STRINGS, (text) => `${text[0]}${text[0]}`);
}

function linesOf(text: ByteString): readonly ByteString[] {
  return text.split('\n').map((line) => line.replace(/\r$/, '').slice(0, LONGEST_LINE));
}

/** perlpod(1): from a line that begins with "=word" to "=cut"; perldata(1): nothing counts after __END__. */
export function perlCode(text: ByteString): readonly CodeLine[] {
  const kept: CodeLine[] = [];
  const awaited: ByteString[] = [];
  let isPod = false;
  for (const [index, line] of linesOf(text).entries()) {
    if (awaited.length > 0) {
      if (line.trim() === awaited[0]) awaited.shift();
      continue;
    }
    if (isPod) {
      isPod = !/^=cut\b/.test(line);
      continue;
    }
    if (/^__(?:END|DATA)__$/.test(line.trimEnd())) break;
    if (/^=[a-zA-Z]/.test(line)) {
      isPod = true;
      continue;
    }
    const code = line.replace(/(^|\s)#.*$/, '$1');
    for (const [, quoted, plain] of code.matchAll(/<<~?(?:\s?["']([^"'\n]{1,80})["']|([A-Za-z_]\w*))/g))
      awaited.push((quoted ?? plain ?? '').trim());
    if (code.trim() !== '') kept.push(lineOf(code, index + 1));
  }
  return kept;
}

// A string of three quotes may hold line ends; the others end with their line.
const PYTHON_TEXT = /("""|''')[\s\S]*?\1|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*/g;

export function pythonCode(text: ByteString): readonly CodeLine[] {
  const code = text.replace(PYTHON_TEXT, (found, triple: string | undefined) => {
    if (triple !== undefined) return `""${found.replace(/[^\n]/g, '')}`;
    return found.startsWith('#') ? '' : found;
  });
  return linesOf(code).flatMap((line, index) => (line.trim() === '' ? [] : [lineOf(line, index + 1)]));
}

/** Here-documents are left out; "<<" within (( … )) and "<<<" begin none. */
export function shellCode(text: ByteString): readonly CodeLine[] {
  const kept: CodeLine[] = [];
  const awaited: ByteString[] = [];
  for (const [index, line] of linesOf(text).entries()) {
    if (awaited.length > 0) {
      if (line.replace(/^\t+/, '') === awaited[0]) awaited.shift();
      continue;
    }
    const code = line.replace(/(^|\s)#.*$/, '$1');
    const words = code.includes('((') ? [] : code.matchAll(/(?<!<)<<-?\s*(?:(["'])(.{1,80}?)\1|\\?([A-Za-z_]\w*))/g);
    for (const [, , quoted, plain] of words) awaited.push(quoted ?? plain ?? '');
    if (code.trim() !== '') kept.push(lineOf(code, index + 1));
  }
  return kept;
}
