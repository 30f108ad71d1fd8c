// The examination of a site, as a story: survey → checks of the text → interpreters asked → findings.
// Promises: doctor changes nothing of the site; its code is executed by `perl -c` (BEGIN blocks, "use" lines) in a sandbox and
// by nothing else, and not even by that with `compiles: 'withoutExecuting'`.
import { setImmediate as otherWork } from 'node:timers/promises';
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import { mendIn } from '../diagnosis/refinement.ts';
import { checkAbsolutePaths } from './checks/absolute-paths.ts';
import { checkCharset } from './checks/charset.ts';
import { checkHtaccess } from './checks/htaccess.ts';
import { checkLinkCase } from './checks/link-case.ts';
import { modulesMissing } from './checks/module-missing.ts';
import { checkPerlFiles } from './checks/perl-files.ts';
import { checkPerlIdioms } from './checks/perl-idioms.ts';
import { checkExecuteBit, checkLength, checkReadable } from './checks/permissions.ts';
import { checkPython2 } from './checks/python2.ts';
import { checkServerIncludes } from './checks/server-includes.ts';
import { checkShebang } from './checks/shebang-line.ts';
import { checkSymbolicLinks } from './checks/symbolic-links.ts';
import { syntaxErrors } from './checks/syntax-errors.ts';
import { checkWriting } from './checks/writing.ts';
import { type Compiles, compileAll } from './compile.ts';
import { type Finding, findingsOf, type Observation, relativeTo } from './finding.ts';
import { type MissingModule, missingModules, reallyMissing } from './modules.ts';
import { overruled } from './overruled.ts';
import type { Language, Source } from './source.ts';
import { type Survey, type SurveyOptions, surveySite } from './survey.ts';

export interface ExamineOptions extends Omit<SurveyOptions, 'onProgress'> {
  readonly compiles: Compiles;
  /** What one compiler may take; 10 unless said. */
  readonly timeoutSeconds?: number;
  /** What is being done, for a line that is written over: "compiling 12 of 80". */
  readonly onProgress?: (what: string) => void;
}

export interface Examination {
  /** Absolute; commands of the findings are for a shell in this folder. */
  readonly root: ByteString;
  readonly scripts: number;
  readonly findings: readonly Finding[];
  readonly missing: readonly MissingModule[];
  /** Languages whose interpreter gave no answer about modules. */
  readonly unanswered: readonly Language[];
  /** There were more than 100 000 entries. */
  readonly isCut: boolean;
  /** `perl -c` executed code of the site, and this system had no sandbox for it. */
  readonly ranOpen: boolean;
}

/** Never rejects for what the site holds. */
export async function examineSite(options: ExamineOptions): Promise<Examination> {
  const { compiles, timeoutSeconds = 10, onProgress } = options;
  const survey = await surveySite({ ...options, onProgress: (files) => onProgress?.(`reading: ${files} files`) });
  onProgress?.('looking for modules');
  const modules = await missingModules(survey);
  const verdicts = await compileAll(survey, {
    compiles,
    timeoutSeconds,
    onProgress: (done, all) => onProgress?.(`compiling: ${done} of ${all}`),
  });
  const missing = reallyMissing(modules.missing, verdicts);
  const inText = overruled(await textObservations(survey), { verdicts, compiles });
  const observations = [
    ...inText.kept,
    ...siteObservations(survey),
    ...modulesMissing(missing),
    ...[...verdicts].flatMap(([source, verdict]) =>
      inText.explained.has(source) ? [] : syntaxErrors(source, verdict),
    ),
  ];
  return {
    root: survey.root,
    scripts: survey.sources.filter(({ script }) => script !== undefined).length,
    findings: findingsOf(observations, survey.root).map((finding) => mendedHere(finding, survey)),
    missing,
    unanswered: modules.unanswered,
    isCut: survey.isCut,
    ranOpen: survey.sandbox === undefined && [...verdicts.keys()].some(({ language }) => language === 'perl'),
  };
}

/** Packages have a line of their own in the report, for the machine and for the image. */
function mendedHere(finding: Finding, { configFile, root }: Survey): Finding {
  const file = configFile === undefined ? undefined : relativeTo(bytesOfText(configFile), root);
  return { ...finding, mend: mendIn({ configFile: file, isInImage: false }, finding.mend) };
}

const SOURCE_CHECKS: readonly ((source: Source, survey: Survey) => readonly Observation[])[] = [
  checkShebang,
  checkExecuteBit,
  checkPerlIdioms,
  checkPython2,
  checkAbsolutePaths,
  checkWriting,
];
const SITE_CHECKS: readonly ((survey: Survey) => readonly Observation[])[] = [
  checkPerlFiles,
  checkReadable,
  checkLength,
  checkSymbolicLinks,
  checkHtaccess,
  checkCharset,
  checkLinkCase,
  checkServerIncludes,
];

async function textObservations(survey: Survey): Promise<ReadonlyMap<Source, readonly Observation[]>> {
  const observations = new Map<Source, readonly Observation[]>();
  for (const source of survey.sources) {
    observations.set(
      source,
      SOURCE_CHECKS.flatMap((check) => check(source, survey)),
    );
    await otherWork();
  }
  return observations;
}

function siteObservations(survey: Survey): readonly Observation[] {
  return SITE_CHECKS.flatMap((check) => check(survey));
}
