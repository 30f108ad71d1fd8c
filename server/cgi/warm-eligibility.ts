// Whether a script can be run by a warm interpreter, and as what command; if not, why not (PRODUCT.md section 7).
// Pure, and conservative: only what a fork is known to reproduce. Source: perlrun(1), python3(1), execve(2).
import type { ByteString } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { ScriptPlace } from '../site/resource.ts';
import type { Interpretation } from './interpreter.ts';
import type { WarmLanguage, WarmWish } from './launcher.ts';
import { type Shebang, shebang } from './shebang.ts';

export interface WarmQuestion {
  readonly place: ScriptPlace;
  readonly how: Exclude<Interpretation, { kind: 'failed' }>;
  /** Words after the script's name. */
  readonly words: readonly ByteString[];
  /** `perScript.warm`: asked for this script, or ruled out. */
  readonly override: boolean | undefined;
  readonly config: Pick<Config, 'cgi' | 'limits'>;
}

interface Invocation {
  readonly language: WarmLanguage;
  /** Absolute path of the interpreter. */
  readonly program: ByteString;
  /** Its name and switches, as the system or cgibox would give them. */
  readonly start: readonly ByteString[];
}

const LANGUAGES: readonly (readonly [RegExp, WarmLanguage])[] = [
  [/(^|\/)perl[\d.]*$/, 'perl'],
  [/(^|\/)python[\d.]*$/, 'python3'],
];
/** Switches that a fork reproduces: perl reads them in the file itself, and stdout can be made unbuffered. */
const SWITCHES: Readonly<Record<WarmLanguage, readonly ByteString[]>> = { perl: ['-w'], python3: ['-u'] };

/** In a fork the script's name is told to perl by a line of source. */
const UNQUOTABLE = /["\r\n]/;

/** Undefined where nobody asked for it. Never throws. */
export function warmWish(question: WarmQuestion): WarmWish | undefined {
  const { how, override, config } = question;
  const program = how.kind === 'executed' ? how.interpreter : how.program;
  const language = LANGUAGES.find(([name]) => program !== undefined && name.test(program))?.[1];
  const isAsked = override ?? (language !== undefined && config.cgi.warm.includes(language));
  if (!isAsked) return undefined;
  if (language === undefined || program === undefined) return refused('only perl and python3 are kept warm');
  const start = startOf(question, program);
  const reason = objection({ language, program, start }, question);
  if (reason !== undefined) return refused(reason);
  const script = question.place.scriptFile;
  return { kind: 'wanted', language, program, argv: [...start, script, ...question.words], script };
}

function refused(reason: string): WarmWish {
  return { kind: 'refused', reason };
}

function startOf({ how, place }: WarmQuestion, program: ByteString): readonly ByteString[] {
  if (how.kind === 'interpreted') return [how.program, ...how.switches];
  const line = shebang(place.head ?? '');
  return [line?.interpreter ?? program, ...(line?.switches ?? [])];
}

function objection({ language, start }: Invocation, { place, config }: WarmQuestion): string | undefined {
  const odd = start.slice(1).find((word) => !SWITCHES[language].includes(word));
  if (odd !== undefined) return `its #! line has ${odd}`;
  if (language === 'perl' && UNQUOTABLE.test(place.scriptFile)) return 'its name holds what a #line of perl cannot say';
  if (config.limits.memoryBytes !== null) return 'limits.memoryBytes would count what the resident has loaded';
  return place.head === undefined ? 'it cannot be read' : objectionToHead(place.head, language);
}

function objectionToHead(head: ByteString, language: WarmLanguage): string | undefined {
  const line = shebang(head);
  if (line === undefined) return undefined;
  if (line.usesEnv && !isPlainEnv(head, line)) return 'its #! line asks env for more than the interpreter';
  if (language !== 'perl') return undefined;
  if (line.hasByteOrderMark) return 'it begins with a byte order mark';
  // perl(1) hands a script whose #! line names another program to that one.
  return line.interpreter.includes('perl') ? undefined : 'its #! line names another interpreter';
}

/** env(1) may also set variables or split words. */
function isPlainEnv(head: ByteString, line: Shebang): boolean {
  const [, ...words] = (head.split('\n', 1)[0] ?? '').trim().split(/[ \t]+/);
  return words.filter((word) => !/(^|\/)env$/.test(word))[0] === line.interpreter;
}
