// Has every script compiled by the interpreter that would run it: perl -c, Python's compile(), sh -n.
// Promises: two at a time; one process for all Python files, one for each of the others; a file that hangs or kills its
// compiler costs that file alone. Perl's -c executes BEGIN blocks and "use" lines, the other two execute nothing.
import { shebang } from '../cgi/shebang.ts';
import { environmentFor, interpreterOf } from './compile-environment.ts';
import { pythonErrors } from './python-compile.ts';
import { shellRefusal } from './shell-compile.ts';
import type { Source } from './source.ts';
import type { Survey } from './survey.ts';
import { type Answer, ask, type Question } from './syntax.ts';
import type { Verdict } from './verdict.ts';

/** withoutExecuting: perl is not asked, because its -c executes BEGIN blocks of the site. */
export type Compiles = 'all' | 'withoutExecuting' | 'none';

export interface CompileOptions {
  readonly compiles: Compiles;
  readonly timeoutSeconds: number;
  /** Called with the number of files compiled so far, and of all. */
  readonly onProgress?: (done: number, all: number) => void;
}

const AT_ONCE = 2;
/** A site in which every script hangs must not keep doctor for hours. */
const MAX_LATE = 10;

/** The verdict on each source that could be asked about. */
export async function compileAll(survey: Survey, options: CompileOptions): Promise<ReadonlyMap<Source, Verdict>> {
  const verdicts = new Map<Source, Verdict>();
  if (options.compiles === 'none') return verdicts;
  const each = survey.sources.filter((source) => isAsked(source, options));
  const pythonFiles = Map.groupBy(
    survey.sources.filter(({ language, script }) => language === 'python' && isRunnable(script?.how)),
    (source) => interpreterOf(source, survey),
  );
  const all = each.length + [...pythonFiles.values()].reduce((sum, files) => sum + files.length, 0);
  let late = 0;
  const told = (source: Source, verdict: Verdict): void => {
    if (verdict.kind === 'timeLimit') late += 1;
    verdicts.set(source, verdict);
    options.onProgress?.(verdicts.size, all);
  };
  const python = (async () => {
    for (const [program, sources] of pythonFiles) {
      if (program === undefined) continue;
      const { sandbox } = survey;
      await pythonErrors(sources, { program, environment: environmentFor(survey), sandbox, ...options, told });
    }
  })();
  const queue = each.values();
  const worker = async (): Promise<void> => {
    for (const source of queue) {
      told(source, late < MAX_LATE ? await verdictOn(source, survey, options) : { kind: 'notAsked' });
    }
  };
  await Promise.all([python, ...Array.from({ length: AT_ONCE }, worker)]);
  return verdicts;
}

function isAsked({ language, script, text, file }: Source, { compiles }: CompileOptions): boolean {
  if (!isRunnable(script?.how)) return false;
  // A shell takes CR for part of the word; what stands wrong in such a file is its line ends.
  if (language === 'shell') return script !== undefined && !text.slice(0, 512).includes('\r\n');
  // Libraries in .pm are compiled with the scripts that use them.
  return language === 'perl' && compiles === 'all' && (script !== undefined || file.endsWith('.pl'));
}

function isRunnable(how: NonNullable<Source['script']>['how'] | undefined): boolean {
  return how?.kind !== 'failed';
}

async function verdictOn(source: Source, survey: Survey, { timeoutSeconds }: CompileOptions): Promise<Verdict> {
  const program = interpreterOf(source, survey);
  if (program === undefined) return { kind: 'notAsked' };
  const args = source.language === 'perl' ? ['-c', ...perlSwitches(source)] : ['-n'];
  const question = { program, args, environment: environmentFor(survey), timeoutSeconds, sandbox: survey.sandbox };
  const answer = await ask({ ...question, file: source.file });
  if (answer.kind === 'timeLimit') return { kind: 'timeLimit' };
  // -c ends with 0 and "syntax OK"; a BEGIN block may end the process before that, with whatever code.
  if (answer.kind === 'ended' && answer.code === 0) return { kind: 'good' };
  if (source.language === 'shell') return shellRefusal(source, question, answer.stderr);
  const kind = (await isOfSandbox({ ...question, file: source.file }, answer)) ? 'stopped' : 'refused';
  return { kind, stderr: answer.stderr };
}

// What perl says of the text itself, and of modules that are not here.
const OF_THE_TEXT = /^Can't locate |(?:had|due to) compilation errors\.$/m;

/** A BEGIN block that may not open its log file mostly dies of it: asked again, it is ended where it tries. */
async function isOfSandbox(question: Question, { stderr }: Answer): Promise<boolean> {
  if (question.sandbox === undefined || OF_THE_TEXT.test(stderr)) return false;
  const { kind } = await ask({ ...question, sandbox: { ...question.sandbox, onBreach: 'end' } });
  return kind === 'breach';
}

/** -T and the like must stand on the command line too (perlrun). */
function perlSwitches({ text }: Source): readonly string[] {
  const line = shebang(text.slice(0, 512));
  return (line?.switches ?? []).filter((word) => /^-[TtwWXU]+$/.test(word));
}
