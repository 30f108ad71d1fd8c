// Python text that is carried out only where the script expects it to work: behind a question for the version, or where
// the error is caught. Pure.
import type { CodeLine } from './code-lines.ts';

type Lines = readonly CodeLine[];

/** How far up, and down, a block is looked for. */
const REACH = 40;
const ASKS_VERSION = /\b(?:el)?if\b.*\b(?:version_info|hexversion|python_version|\w*py(?:thon)?_?[23]\w*)\b/i;
// The system or a type checker decides whether a module is imported at all.
const ASKS_SYSTEM = /^\s*(?:el)?if\b.*\b(?:TYPE_CHECKING|platform|os\.name)\b/;
const OF_A_NAME = /^\s*except\b.*\b(?:NameError|AttributeError|ImportError)\b/;

/** An import in a try, or for one system or version of Python. */
export function mayImportFail(code: Lines, index: number): boolean {
  const [innermost] = blocksAround(code, index);
  const head = innermost === undefined ? '' : lineAt(code, innermost);
  return /^\s*(try|except|else)\b.*:/.test(head) || ASKS_SYSTEM.test(head) || isOfOneVersion(code, index);
}

/** A name in a try that catches its error, in what is done then, or for one version of Python. */
export function mayNameFail(code: Lines, index: number): boolean {
  return isOfOneVersion(code, index) || blocksAround(code, index).some((block) => isOfNameError(code, block));
}

function isOfOneVersion(code: Lines, index: number): boolean {
  const blocks = blocksAround(code, index);
  return [lineAt(code, index), ...blocks.flatMap((block) => clausesUpTo(code, block))].some((line) =>
    ASKS_VERSION.test(line),
  );
}

/** Where the blocks that hold a line begin, innermost first. */
function blocksAround(code: Lines, index: number): readonly number[] {
  const blocks: number[] = [];
  let indent = indentOf(lineAt(code, index));
  for (let at = index - 1; indent > 0 && at >= Math.max(0, index - REACH); at -= 1) {
    const own = indentOf(lineAt(code, at));
    if (own >= indent) continue;
    blocks.push(at);
    indent = own;
  }
  return blocks;
}

/** For an `else`, also the `if` and each `elif` that it belongs to. */
function clausesUpTo(code: Lines, block: number): readonly string[] {
  const indent = indentOf(lineAt(code, block));
  const clauses: string[] = [];
  for (let at = block; at >= Math.max(0, block - REACH); at -= 1) {
    const line = lineAt(code, at);
    if (indentOf(line) > indent) continue;
    if (indentOf(line) < indent) break;
    clauses.push(line);
    if (!/^\s*(?:else|elif)\b/.test(line)) break;
  }
  return clauses;
}

function isOfNameError(code: Lines, block: number): boolean {
  const head = lineAt(code, block);
  if (!/^\s*try\b/.test(head)) return OF_A_NAME.test(head);
  const below = code.slice(block + 1, block + REACH).map(({ bare }) => bare);
  const end = below.findIndex((line) => indentOf(line) <= indentOf(head) && !/^\s*except\b/.test(line));
  return below
    .slice(0, end < 0 ? REACH : end)
    .some((line) => indentOf(line) === indentOf(head) && OF_A_NAME.test(line));
}

function lineAt(code: Lines, index: number): string {
  return code[index]?.bare ?? '';
}

function indentOf(line: string): number {
  return /^\s*/.exec(line)?.[0].length ?? 0;
}
