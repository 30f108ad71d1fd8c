// A library that ruby or tclsh does not find: what old scripts in these languages mostly stop for.
import { posix } from 'node:path';
import type { ByteString } from '../config/byte-string.ts';
import type { Evidence } from './cause.ts';
import { install, type Refinement, type StderrPattern, said } from './refinement.ts';
import { folderOf, shellQuote } from './shell-quote.ts';

export const RUBY_AND_TCL_PATTERNS: readonly StderrPattern[] = [
  {
    id: 'rubyLibraryMissing',
    pattern: /\bcannot load such file -- ([^\n]{1,400}) \(LoadError\)/,
    refine: ([, name = ''], evidence) => (/^[./]/.test(name) ? rubyFileMissing(name, evidence) : gemMissing(name)),
  },
  {
    id: 'tclPackageMissing',
    pattern: /^can't find package ([^\s"]{1,200})/m,
    refine: ([, name = '']) => ({
      title: `The Tcl package ${said([name], 0)} is not installed`,
      why: 'The script asks for it with "package require", and tclsh finds it in no folder of its auto_path.',
      mend: [tclMend(name)],
    }),
  },
];

function gemMissing(name: ByteString): Refinement {
  const [word = ''] = name.split(/[/_-]/);
  return {
    title: `The Ruby library ${said([name], 0)} is not installed`,
    why: 'Neither Ruby nor a gem here has it. Debian has many gems as packages whose names begin with "ruby-". A file of the site that lies beside the script is loaded with require_relative: since version 1.9.2 Ruby does not look there by itself.',
    mend: [`apt-cache search ${shellQuote(`^ruby-${word}`)}`, `gem search ${shellQuote(name.split('/')[0] ?? name)}`],
  };
}

function rubyFileMissing(name: ByteString, { scriptFile }: Evidence): Refinement {
  return {
    title: `Ruby does not find the file ${said([name], 0)}`,
    why: 'It is part of the site, or was on the old server: it is not there, or its name is written otherwise.',
    mend: [`ls -ld ${shellQuote(folderOf(posix.resolve(folderOf(scriptFile), name)))}`],
  };
}

/** Those of tcllib that CGI scripts use. */
const TCLLIB =
  /^(?:base64|csv|fileutil|ftp|html|htmlparse|inifile|json|log|logger|math|md5|mime|ncgi|nntp|pop3|report|sha1|smtp|struct|textutil|uri|uuid)$/;
const TCL_PACKAGES: ReadonlyMap<string, string> = new Map([
  ['Expect', 'tcl-expect'],
  ['Tk', 'tk'],
  ['sqlite3', 'libsqlite3-tcl'],
  ['tdom', 'tdom'],
  ['tls', 'tcl-tls'],
]);

function tclMend(name: ByteString): string {
  const [family = ''] = name.split('::');
  const known = TCLLIB.test(family) ? 'tcllib' : TCL_PACKAGES.get(family);
  return known === undefined ? `apt-cache search ${shellQuote(`tcl.*${family.toLowerCase()}`)}` : install(known);
}
