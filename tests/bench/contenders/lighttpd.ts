// lighttpd with mod_cgi.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Start } from '../contender.ts';
import { findProgram, outputOf } from '../program.ts';
import { SCRIPT_LANG } from '../script-lang.ts';
import { startProcess } from '../server-process.ts';

export function lighttpd(): Contender {
  const program = findProgram('lighttpd');
  const version = program === undefined ? '' : outputOf(program, ['-v']);
  return {
    name: 'lighttpd mod_cgi',
    version: program === undefined ? undefined : (/lighttpd\/[\d.]+/.exec(version)?.[0] ?? 'lighttpd'),
    start: (start) => [startLighttpd(program ?? 'lighttpd', start)],
  };
}

function startLighttpd(program: string, start: Start) {
  const file = join(start.folder, 'lighttpd.conf');
  writeFileSync(file, configuration(start));
  return startProcess({
    file: program,
    args: ['-D', '-f', file],
    workingDirectory: start.folder,
    logFile: join(start.folder, 'lighttpd.log'),
  });
}

function configuration({ site, port, folder }: Start): string {
  // Only root may change the user; anyone else keeps their own.
  const user = process.getuid?.() === 0 ? 'server.username = "www-data"\nserver.groupname = "www-data"\n' : '';
  return `server.modules = ("mod_setenv", "mod_cgi", "mod_accesslog")
server.bind = "127.0.0.1"
server.port = ${port}
${user}server.document-root = "${site.folder}"
server.upload-dirs = ("${folder}")
server.errorlog = "${folder}/error.log"
accesslog.filename = "${folder}/access.log"
mimetype.assign = (".txt" => "text/plain", ".html" => "text/html")
$HTTP["url"] =~ "^/cgi-bin/" { cgi.assign = ("" => "") }
setenv.add-environment = ("LANG" => "${SCRIPT_LANG}")
`;
}
