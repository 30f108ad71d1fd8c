// The site that every server is measured with: one folder, the same files, the same scripts.
// Promises: each page names the exact body it must answer with; what this machine cannot run is left out.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findInterpreter, findProgram, outputOf } from './program.ts';
import { SCRIPT_LANG } from './script-lang.ts';

/** A URL to measure. `title` heads its row, `file` is set for scripts. */
export interface Page {
  readonly name: string;
  readonly title: string;
  readonly path: string;
  readonly body: string;
  readonly file?: string;
}

export interface BenchSite {
  /** Document root; the scripts are in its folder cgi-bin. */
  readonly folder: string;
  readonly pages: readonly Page[];
  /** A script that answers with LANG as it finds it: all are to be measured with the same. */
  readonly language: Page;
}

const HELLO = 'hello\n';
const C_SOURCE = `#include <stdio.h>
int main(void) { return fputs("Content-Type: text/plain\\r\\n\\r\\nhello\\n", stdout) < 0; }
`;
const SH_SOURCE = `printf 'Content-Type: text/plain\\r\\n\\r\\nhello\\n'\n`;
const PERL_SOURCE = `use strict;
use warnings;
print "Content-Type: text/plain\\r\\n\\r\\nhello\\n";
`;
const PYTHON_SOURCE = `print("Content-Type: text/plain\\r\\n\\r\\nhello")\n`;
const CGI_PM_SOURCE = `use strict;
use warnings;
use CGI;
my $query = CGI->new;
print $query->header('text/plain'), 'hello ', $query->param('name'), "\\n";
`;
const PYTHON_CGI_SOURCE = `import warnings
warnings.simplefilter("ignore")
import cgi
form = cgi.FieldStorage()
print("Content-Type: text/plain\\r\\n\\r\\nhello", form.getfirst("name"))
`;

/** Writes the site into an empty folder and compiles the C script. */
export function createBenchSite(folder: string): BenchSite {
  mkdirSync(join(folder, 'cgi-bin'), { recursive: true });
  // A directory index makes the folder itself the document root of cgibox.
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Benchmark</title>\n');
  const staticBody = `${'0123456789abcde\n'.repeat(64)}`;
  writeFileSync(join(folder, '1k.txt'), staticBody);
  writeStreams(folder);
  const language = languagePage(folder);
  const pages = [
    cPage(folder),
    scriptPage(folder, { name: 'sh', title: 'sh hello', program: 'sh', source: SH_SOURCE }),
    scriptPage(folder, { name: 'perl', title: 'perl hello', program: 'perl', source: PERL_SOURCE }),
    hasCgiPm()
      ? scriptPage(folder, { name: 'cgi-pm', title: 'perl + CGI.pm', program: 'perl', source: CGI_PM_SOURCE })
      : undefined,
    scriptPage(folder, { name: 'python3', title: 'python3 hello', program: 'python3', source: PYTHON_SOURCE }),
    hasPythonCgi()
      ? scriptPage(folder, {
          name: 'python-cgi',
          title: 'python3 + cgi',
          program: 'python3',
          source: PYTHON_CGI_SOURCE,
        })
      : undefined,
    { name: 'static', title: 'static file, 1 KiB', path: '/1k.txt', body: staticBody },
  ];
  return { folder, pages: pages.filter((page) => page !== undefined), language };
}

interface Script {
  readonly name: string;
  readonly title: string;
  readonly program: string;
  readonly source: string;
}

function scriptPage(folder: string, script: Script): Page | undefined {
  const interpreter = findInterpreter(script.program);
  if (interpreter === undefined) return undefined;
  const file = writeScript(folder, script.name, `#!${interpreter}\n${script.source}`);
  const named = script.source.includes('name');
  const { name, title } = script;
  return {
    name,
    title,
    path: `/cgi-bin/${name}${named ? '?name=world' : ''}`,
    body: named ? 'hello world\n' : HELLO,
    file,
  };
}

function cPage(folder: string): Page | undefined {
  const compiler = findProgram('cc') ?? findProgram('gcc');
  if (compiler === undefined) return undefined;
  const file = join(folder, 'cgi-bin', 'c');
  const result = spawnSync(compiler, ['-O2', '-x', 'c', '-o', file, '-'], { input: C_SOURCE, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`Cannot compile the C script: ${result.stderr}`);
  return { name: 'c', title: 'C hello', path: '/cgi-bin/c', body: HELLO, file };
}

function languagePage(folder: string): Page {
  const file = writeScript(
    folder,
    'language',
    `#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n%s\\n' "$LANG"\n`,
  );
  return { name: 'language', title: 'LANG', path: '/cgi-bin/language', body: `${SCRIPT_LANG}\n`, file };
}

function writeStreams(folder: string): void {
  const down = `#!/bin/sh
printf 'Content-Type: application/octet-stream\\r\\n\\r\\n'
head -c "$QUERY_STRING" /dev/zero
`;
  const up = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
head -c "$CONTENT_LENGTH" | wc -c
`;
  writeScript(folder, 'down', down);
  writeScript(folder, 'up', up);
}

/** Gives its path. */
function writeScript(folder: string, name: string, source: string): string {
  const file = join(folder, 'cgi-bin', name);
  writeFileSync(file, source);
  chmodSync(file, 0o755);
  return file;
}

function hasCgiPm(): boolean {
  return outputOf(findInterpreter('perl') ?? 'perl', ['-MCGI', '-e', 'print 1']) === '1';
}

// The module left Python with version 3.13.
function hasPythonCgi(): boolean {
  return outputOf(findInterpreter('python3') ?? 'python3', ['-W', 'ignore', '-c', 'import cgi; print(1)']) === '1';
}
