// What in a script's source a fork of a loaded interpreter would not do as a fresh one does (decisions/004).
// Pure, and conservative: the words decide, also in a comment; a script that is run cold for nothing loses only speed.
import type { ByteString } from '../config/byte-string.ts';
import type { WarmLanguage } from './launcher.ts';

const OBJECTIONS: Readonly<Record<WarmLanguage, readonly (readonly [RegExp, string])[]>> = {
  perl: [
    // `use lib` is watched in the fork; what is loaded already is not looked for a second time.
    // What is put behind the rest changes nothing for them.
    [/(?<!\bpush[\s(]{0,4})@INC\b|\$INC\s*\[/, 'it uses @INC, and modules are loaded already'],
    [/^\s*use\s+diagnostics\b/m, 'it uses diagnostics, which takes over how perl ends'],
    [/\bBEGIN\b[^}]*__DIE__/, 'it handles errors while it is compiled'],
  ],
  python3: [
    [/\bunraisablehook\b/, 'it uses sys.unraisablehook, by which the end of a fork is noticed'],
    [/\bdel\s+sys\.std(?:in|out|err)\b/, 'it takes a standard stream away'],
    [/\bRLIMIT_STACK\b/, 'it changes the size of its stack, which a fork has already'],
  ],
};

/** Takes over what perl says of a script that does not compile, where the name of the resident would stand. */
const NEEDS_TRIAL = /\bCGI::Carp\b/;

/** Whether it may be run warm only once it is known to compile. */
export function needsTrial(source: ByteString, language: WarmLanguage): boolean {
  return language === 'perl' && NEEDS_TRIAL.test(source);
}

/** The first reason to run it cold; undefined where there is none. */
export function objectionToSource(source: ByteString, language: WarmLanguage): string | undefined {
  return OBJECTIONS[language].find(([words]) => words.test(source))?.[1];
}
