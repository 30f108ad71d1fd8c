// nginx with fcgiwrap behind it: as many fcgiwrap processes as scripts may usefully run at once.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Contender, Start } from '../contender.ts';
import { findProgram, outputOf } from '../program.ts';
import { SCRIPT_LANG } from '../script-lang.ts';
import { startProcess } from '../server-process.ts';

const WRAPPERS = Math.max(8, 2 * availableParallelism());

export function nginx(): Contender {
  const program = findProgram('nginx');
  const wrapper = findProgram('fcgiwrap');
  const isInstalled = program !== undefined && wrapper !== undefined;
  const version = isInstalled ? outputOf(program, ['-v']) : '';
  return {
    name: 'nginx + fcgiwrap',
    version: isInstalled ? `${/nginx\/\S+/.exec(version)?.[0] ?? 'nginx'} + fcgiwrap -c ${WRAPPERS}` : undefined,
    start: (start) => [startWrapper(wrapper ?? 'fcgiwrap', start), startNginx(program ?? 'nginx', start)],
  };
}

function startWrapper(program: string, { folder }: Start) {
  return startProcess({
    file: program,
    args: ['-c', String(WRAPPERS), '-s', `unix:${join(folder, 'fcgiwrap.sock')}`],
    workingDirectory: folder,
    logFile: join(folder, 'fcgiwrap.log'),
  });
}

function startNginx(program: string, start: Start) {
  mkdirSync(join(start.folder, 'logs'));
  const file = join(start.folder, 'nginx.conf');
  writeFileSync(file, configuration(start));
  return startProcess({
    file: program,
    args: ['-p', start.folder, '-c', file, '-e', join(start.folder, 'error.log'), '-g', 'daemon off;'],
    workingDirectory: start.folder,
    logFile: join(start.folder, 'nginx.log'),
  });
}

function configuration({ site, port, folder }: Start): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${folder}/${name};`,
  );
  const parameters = [
    'QUERY_STRING',
    'REQUEST_METHOD',
    'CONTENT_TYPE',
    'CONTENT_LENGTH',
    'REQUEST_URI',
    'SERVER_PROTOCOL',
  ]
    .map((name) => `      fastcgi_param ${name} $${name.toLowerCase()};`)
    .join('\n');
  // Its workers must be the wrapper's user, who alone may write to the socket.
  return `${process.getuid?.() === 0 ? 'user root root;' : ''}
worker_processes auto;
pid ${folder}/nginx.pid;
events {}
http {
${paths.join('\n')}
  access_log ${folder}/access.log combined;
  client_max_body_size 0;
  types { text/plain txt; text/html html; }
  server {
    listen 127.0.0.1:${port};
    root ${site.folder};
    location /cgi-bin/ {
${parameters}
      fastcgi_param LANG ${SCRIPT_LANG};
      fastcgi_param GATEWAY_INTERFACE CGI/1.1;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_pass unix:${folder}/fcgiwrap.sock;
    }
  }
}
`;
}
