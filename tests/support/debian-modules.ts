// Makes server/doctor/debian-modules.json from Debian's file lists: which package holds which module of Perl and Python.
// Run: apt-get install apt-file && apt-get update && node tests/support/debian-modules.ts   (on the release of the image)
// Kept small: names that scripts of the web may use, without those that perl and python3 themselves bring.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ruleOfPerl, ruleOfPython } from '../../server/doctor/debian-package.ts';

const TABLE = join(import.meta.dirname, '../../server/doctor/debian-modules.json');
// The top names of CPAN that scripts of the web use; a module of three parts is in it where a package has its name.
const PERL_TOPS = new Set(
  `Algorithm Apache Archive Authen Barcode BerkeleyDB Bit Business Cache Captcha CDB_File CGI Chart Class Clone Color Compress Config Convert Crypt
   Data Date DateTime DB DBD DBI DBIx Devel Digest Email Encode Error Event Exception Expect FCGI File Filesys Filter Font Format FreezeThaw
   GD GDBM_File Geo Getopt Graphics Graph HTML HTTP I18N Image Imager IO IP IPC Jcode JSON Lingua List Locale Log LWP Mail Math
   MIME MLDBM Module Mojolicious Moo Moose Net NetAddr Number Object Params Parse PDF PerlIO Plack POE Proc Quantum Regexp RPC RSS RTF
   Scalar Search SOAP Sort Spreadsheet SQL Statistics Storable String Sub Switch Sys Template Term Text Tie Time Tk Tree Try
   Unicode UNIVERSAL URI User UUID Want WWW XML XMLRPC YAML`
    .split(/\s+/)
    .filter((name) => name !== ''),
);
const PYTHON_SECTIONS = /^(?:python|web|net|database|mail|text|graphics|utils|math|misc|oldlibs|devel)$/;

const perl = new Map<string, string>();
const python = new Map<string, string>();
for (const line of fileList()) {
  const [, path = '', packages = ''] = /^(\S+)\s+(\S+)$/.exec(line) ?? [];
  const [first = ''] = packages.split(',');
  const [section = '', name = ''] = [first.split('/').at(-2) ?? '', first.split('/').at(-1) ?? ''];
  const perlFile = /^usr\/(?:share\/perl5|lib\/[^/]+\/perl5\/[\d.]+)\/(.+)\.pm$/.exec(path)?.[1];
  if (perlFile !== undefined) addPerl(perlFile.replaceAll('/', '::'), name);
  const pythonFile = /^usr\/lib\/python3\/dist-packages\/([A-Za-z]\w*)(?:\/__init__\.py|\.py|\.cpython[^/]*\.so)$/.exec(
    path,
  )?.[1];
  if (pythonFile !== undefined && PYTHON_SECTIONS.test(section)) addPython(pythonFile, name);
}
writeFileSync(
  TABLE,
  `${JSON.stringify({ perl: listsOf(perl, ruleOfPerl), python: listsOf(python, ruleOfPython) }, null, 2)}\n`,
);

function fileList(): readonly string[] {
  const options = { encoding: 'utf8', maxBuffer: 2 ** 31 } as const;
  // APT_OPTIONS: for the lists of another release than this machine's.
  const apt = (process.env.APT_OPTIONS ?? '').split(' ').filter((word) => word !== '');
  const files = spawnSync(
    'apt-get',
    [...apt, 'indextargets', '--format', '$(FILENAME)', 'Created-By: Contents-deb'],
    options,
  );
  return files.stdout.split('\n').flatMap((file) => {
    if (file === '') return [];
    const pattern = 'perl5/|python3/dist-packages/';
    const { stdout } = spawnSync(
      'sh',
      ['-c', '/usr/lib/apt/apt-helper cat-file "$1" | grep -E "$2"', 'sh', file, pattern],
      options,
    );
    return stdout.split('\n');
  });
}

/** The package that is named like the module wins, then the shortest name. */
function add(modules: Map<string, string>, module: string, { name, rule }: { name: string; rule: string }): void {
  const known = modules.get(module);
  if (known === rule) return;
  if (known === undefined || name === rule || name.length < known.length) modules.set(module, name);
}

function addPerl(module: string, name: string): void {
  const parts = module.split('::');
  const isOwn = parts.length === 3 && ruleOfPerl(module) === name;
  if ((parts.length > 2 && !isOwn) || !PERL_TOPS.has(parts[0] ?? '') || !/^lib.*-perl$/.test(name)) return;
  add(perl, module, { name, rule: ruleOfPerl(module) });
}

function addPython(module: string, name: string): void {
  // The long names are those of frameworks and their plugins, which no CGI script imports.
  if (module.length > 12 || /^(?:django|flask|oslo|pytest|sphinx|xstatic|zope)/.test(module)) return;
  if (!/^python3-/.test(name) || /^(?:tests?|examples?|docs?|setup|conftest)$/.test(module)) return;
  add(python, module, { name, rule: ruleOfPython(module) });
}

function listsOf(modules: ReadonlyMap<string, string>, ruleOf: (module: string) => string) {
  const sorted = [...modules].sort(([a], [b]) => (a < b ? -1 : 1));
  const byRule = sorted.filter(([module, name]) => ruleOf(module) === name).map(([module]) => module);
  const rest = sorted.filter(([module, name]) => ruleOf(module) !== name);
  const others = [...Map.groupBy(rest, ([, name]) => name)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    byRule: byRule.join(' '),
    others: Object.fromEntries(others.map(([name, held]) => [name, held.map(([module]) => module).join(' ')])),
  };
}
