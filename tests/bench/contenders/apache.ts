// Apache httpd with mpm_event and mod_cgid, as Debian builds them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Start } from '../contender.ts';
import { findProgram, outputOf } from '../program.ts';
import { startProcess } from '../server-process.ts';

const MODULES = '/usr/lib/apache2/modules';
const LOADED = ['mpm_event', 'authz_core', 'dir', 'mime', 'alias', 'env', 'cgid'];

export function apache(): Contender {
  const program = findProgram('apache2');
  const version = program === undefined ? '' : outputOf(program, ['-v']);
  return {
    name: 'Apache mod_cgid',
    version: program === undefined ? undefined : (/Apache\/\S+/.exec(version)?.[0] ?? 'Apache'),
    start: (start) => [startApache(program ?? 'apache2', start)],
  };
}

function startApache(program: string, start: Start) {
  const file = join(start.folder, 'apache.conf');
  writeFileSync(file, configuration(start));
  return startProcess({
    file: program,
    args: ['-DFOREGROUND', '-d', start.folder, '-f', file],
    workingDirectory: start.folder,
    logFile: join(start.folder, 'apache.log'),
  });
}

function configuration({ site, port, folder }: Start): string {
  return `${LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
ServerName localhost
Listen 127.0.0.1:${port}
User www-data
Group www-data
PidFile ${folder}/apache.pid
ScriptSock ${folder}/cgid.sock
DefaultRuntimeDir ${folder}
TypesConfig /etc/mime.types
ErrorLog ${folder}/error.log
LogFormat "%h %l %u %t \\"%r\\" %>s %b"
TransferLog ${folder}/access.log
LimitRequestBody 0
PassEnv LANG
DocumentRoot ${site.folder}
ScriptAlias /cgi-bin/ ${site.folder}/cgi-bin/
<Directory ${site.folder}>
  Require all granted
</Directory>
`;
}
