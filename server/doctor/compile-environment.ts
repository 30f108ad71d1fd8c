// The environment of the interpreters that doctor asks, and which interpreter that is. Pure.
import type { ByteString } from '../config/byte-string.ts';
import { programOf, type Source } from './source.ts';
import type { Survey } from './survey.ts';

/** What scripts get, in English, and without the traces that Python leaves. */
export function environmentFor({ config, environment }: Survey): Readonly<Record<string, ByteString>> {
  const isTolerated = config.cgi.tolerate.includes('perlDotInc');
  return {
    ...environment,
    LC_ALL: 'C',
    PYTHONDONTWRITEBYTECODE: '1',
    ...(isTolerated && { PERL_USE_UNSAFE_INC: '1' }),
  };
}

/** The program that runs it; for a library, the one that runs the first script in its language. */
export function interpreterOf(source: Source, { sources }: Survey): ByteString | undefined {
  return runnableProgram(source) ?? runnableProgram(sources.find((other) => isLike(source, other)));
}

function isLike({ language }: Source, other: Source): boolean {
  return other.language === language && runnableProgram(other) !== undefined;
}

function runnableProgram(source: Source | undefined): ByteString | undefined {
  const how = source?.script?.how;
  return how?.kind === 'failed' ? undefined : programOf(how);
}
