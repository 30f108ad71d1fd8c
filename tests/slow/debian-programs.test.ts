// Programs that nobody here wrote, and scripts on the frameworks of their time: status, header and body are those of
// Apache's mod_cgid, and the same however the scripts are run. C, Perl, Python, Ruby, Tcl, awk, make, csh.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { apache } from '../bench/contenders/apache.ts';
import { SCRIPT_LANG } from '../bench/script-lang.ts';
import { whyPackageIsMissing } from '../support/debian-package.ts';
import { type HttpAnswer, httpAnswer } from '../support/http-answer.ts';
import { startSite } from '../support/start-site.ts';

const NEEDED = [
  ['/usr/sbin/apache2', ['apache2']],
  ['/usr/lib/cgit/cgit.cgi', ['cgit']],
  ['/usr/lib/cgi-bin/info2www', ['info2www']],
  ['/usr/lib/cgi-bin/man/man2html', ['man2html']],
  ['/usr/lib/cgi-bin/apcupsd/multimon.cgi', ['apcupsd-cgi']],
  ['/usr/lib/cgi-bin/nut/upsstats.cgi', ['nut-cgi']],
  ['/usr/bin/hg', ['mercurial']],
  ['/usr/bin/php-cgi', ['php-cgi']],
  ['/usr/bin/ruby', ['ruby']],
  ['/usr/share/doc/tcllib', ['tcl', 'tcllib']],
  ['/bin/csh', ['tcsh']],
  ['/usr/bin/make', ['make']],
  ['/usr/share/perl5/CGI.pm', ['libcgi-pm-perl']],
  ['/usr/share/perl5/CGI/Application.pm', ['libcgi-application-perl']],
  ['/usr/share/perl5/Mojolicious.pm', ['libmojolicious-perl']],
  ['/usr/share/perl5/Plack.pm', ['libplack-perl']],
  ['/usr/lib/python3/dist-packages/flask', ['python3-flask']],
] as const;
// All at once: each installation asks for the lists of packages first.
const absent = NEEDED.find(([file]) => !existsSync(file))?.[0];
const packages = NEEDED.flatMap(([, names]) => names);
const skip = absent === undefined ? false : (whyPackageIsMissing(absent, packages) ?? false);

const PROGRAMS = NEEDED.map(([file]) => file).filter((file) => file.startsWith('/usr/lib/cgi-bin/'));
const RUNNERS = {
  direct: { runner: 'direct', warm: [] },
  forkserver: { runner: 'forkserver', warm: [] },
  warm: { runner: 'forkserver', warm: ['perl', 'python3'] },
} as const;

const GETS = [
  ...['cgit', 'cgit/', 'cgit/old.git/', 'cgit/old.git/plain/page.txt', 'cgit/none/', 'cgit?url=old.git/log/'],
  ...['info2www', 'info2www?(dir)', 'info2www?(bash)Top', 'man2html', 'man2html?1+ls', 'man2html?query=perl'],
  ...['multimon.cgi', 'upsstats.cgi', 'hgweb.cgi', 'hgweb.cgi/old/', 'hgweb.cgi/old/raw-file/tip/page.txt'],
  ...['hgweb.cgi/old?cmd=capabilities', 'hgweb.cgi/none', 'ruby.rb/pi?a=1&a=2', 'ncgi.tcl?a=1&b=%E9', 'awk.cgi?a=1&b'],
  ...['make.cgi?a=1', 'csh.cgi?a=1', 'cgi-pm.pl/p%20i?a=1;b=%E9&a=3', 'cgi-pm.pl?two+words', 'cgi-application.pl'],
  ...['cgi-application.pl?rm=away', 'cgi-application.pl?rm=own', 'mojolicious.cgi', 'mojolicious.cgi/item/1?q=%C3%A9'],
  ...[
    'mojolicious.cgi/away',
    'mojolicious.cgi/parts',
    'plack.cgi/a%20b?x=1&x=2',
    'plack.cgi/parts',
    'plack.cgi/nothing',
  ],
  ...['plack.cgi/unchanged', 'wsgi-application.py/a%C3%A9b?x', 'wsgi-application.py/file', 'flask-application.py/'],
  ...['flask-application.py', 'flask-application.py/hello/J%C3%B6?x=1', 'flask-application.py/away'],
  ...['flask-application.py/fails'],
];
const FIELDS = 'text=caf%E9&text=two';
const UPLOAD = `--B\r\nContent-Disposition: form-data; name="text"\r\n\r\nvalue\r\n--B\r\nContent-Disposition: form-data; name="file"; filename="a b.bin"\r\nContent-Type: application/x-odd\r\n\r\n${'\0\r\n\xff'.repeat(40_000)}\r\n--B--\r\n`;
const POSTS = ['ncgi.tcl', 'awk.cgi', 'csh.cgi', 'cgi-pm.pl?u=1', 'cgi-application.pl', 'mojolicious.cgi/form'].concat([
  'plack.cgi',
  'wsgi-application.py',
  'flask-application.py/hello/x',
]);
const UPLOADS = ['cgi-pm.pl', 'mojolicious.cgi/form', 'plack.cgi', 'flask-application.py/hello/x'];

const FORM_TYPE = 'application/x-www-form-urlencoded';
const UPLOAD_TYPE = 'multipart/form-data; boundary=B';

type Asked = readonly [name: string, request: string];

function asked(method: 'GET' | 'HEAD', path: string): Asked {
  return [`${method} ${path}`, `${method} /cgi-bin/${path} HTTP/1.1\r\n${ALWAYS}\r\n`];
}

function posted(path: string, body: string, type: string): Asked {
  const fields = `${ALWAYS}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n`;
  return [`POST ${path}`, `POST /cgi-bin/${path} HTTP/1.1\r\n${fields}\r\n${body}`];
}

const ALWAYS = 'Host: localhost\r\nAccept: */*\r\nCookie: seen=1; b=2\r\nConnection: close\r\n';
const REQUESTS: readonly Asked[] = [
  ...GETS.map((path) => asked('GET', path)),
  ...['cgit/', 'cgi-pm.pl', 'plack.cgi'].map((path) => asked('HEAD', path)),
  ...POSTS.map((path) => posted(path, FIELDS, FORM_TYPE)),
  ...UPLOADS.map((path) => posted(path, UPLOAD, UPLOAD_TYPE)),
];

// A resident answers from the second request on.
const RESIDENTS = [asked('GET', 'cgi-pm.pl'), asked('GET', 'wsgi-application.py')];

describe('programs of Debian and of the frameworks of their time', { skip }, () => {
  it('answer as under Apache mod_cgid, however they are run', async (t) => {
    const folder = siteOf(t);
    const port = await startApache(t, folder);
    const scriptAlias = { '/cgi-bin/': join(folder, 'cgi-bin') };
    const sites = await Promise.all(
      Object.entries(RUNNERS).map(async ([runner, keys]) => {
        // Tcl and Ruby write in the encoding of the locale, and Apache is started as in the benchmark.
        const cgi = { ...keys, warm: [...keys.warm], scriptAlias, environment: { LANG: SCRIPT_LANG } };
        return [runner, (await startSite(t, {}, { cgi, site: { root: folder, documentRoot: folder } })).port] as const;
      }),
    );
    for (const [name, request] of [...RESIDENTS, ...REQUESTS]) {
      const [there, ...here] = await Promise.all(
        [port, ...sites.map(([, own]) => own)].map(async (each) => essence(await ask(each, request), each)),
      );
      for (const [index, [runner]] of sites.entries()) assert.deepEqual(here[index], there, `${name}, run ${runner}`);
    }
  });

  it('run PHP: a page, a page with a #! line, an upload', async (t) => {
    const files = {
      'public/page.php': "<?php header('HTTP/1.0 404 Not Found'); echo $_SERVER['PATH_INFO'], ' ', $_GET['a'];",
      'cgi-bin/old.cgi': "#!/usr/local/lib/none/php\n<?php echo $_POST['text'], ' ', $_FILES['file']['size'];",
    };
    const site = await startSite(t, files);
    const page = await site.get('/page.php/x%20y?a=1');
    assert.deepEqual([page.status, await page.text()], [404, '/x y 1']);
    const [, upload] = posted('old.cgi', UPLOAD, UPLOAD_TYPE);
    const answer = await ask(site.port, upload);
    assert.deepEqual([answer.status, answer.body], [200, 'value 160000']);
  });
});

/** Copies of the programs, the scripts beside this file, and a repository of each kind. www-data may read it all. */
function siteOf(t: TestContext): string {
  const folder = mkdtempSync('/tmp/cgibox-programs-');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  for (const name of ['apache', 'git']) mkdirSync(join(folder, name));
  cpSync(resolve(import.meta.dirname, 'programs'), join(folder, 'cgi-bin'), { recursive: true });
  for (const file of PROGRAMS) cpSync(file, join(folder, 'cgi-bin', basename(file)));
  writeFileSync(join(folder, 'page.txt'), 'für alle\n');
  writeFileSync(join(folder, 'cgitrc'), `scan-path=${folder}/git\n`);
  writeFileSync(join(folder, 'cgi-bin/cgit'), cgit(folder), { mode: 0o755 });
  writeFileSync(join(folder, 'hgweb.config'), `[paths]\n/ = ${folder}/hg/*\n`);
  execFileSync('sh', ['-euc', REPOSITORIES], { cwd: folder, env: { PATH: '/usr/bin:/bin', HOME: folder } });
  return folder;
}

const cgit = (folder: string) => `#!/bin/sh
export CGIT_CONFIG=${folder}/cgitrc GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
exec /usr/lib/cgit/cgit.cgi
`;

const REPOSITORIES = `
export GIT_AUTHOR_DATE=2001-02-03T04:05:06Z GIT_COMMITTER_DATE=2001-02-03T04:05:06Z
git init -q -b main work
cp page.txt work
git -C work add page.txt
git -C work -c user.name=joe -c user.email=joe@example.org commit -q -m 'first page'
git clone -q --bare work git/old.git
hg init hg/old
cp page.txt hg/old
hg -R hg/old commit -q -A -u joe -d '0 0' -m 'first page'
`;

async function startApache(t: TestContext, folder: string): Promise<number> {
  const port = await freePort();
  const processes = apache().start({ site: { folder } as never, port, folder: join(folder, 'apache') });
  t.after(() => Promise.all(processes.map((each) => each.stop())));
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answers = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answers !== undefined) return port;
    await new Promise((settle) => setTimeout(settle, 100));
  }
  throw new Error('Apache does not answer');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

async function ask(port: number, request: string): Promise<HttpAnswer> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request, 'latin1');
  return httpAnswer(await buffer(socket));
}

// What each server says of itself and of the connection. Apache writes Last-Modified anew, and gives a redirect
// without a type the type of the script's extension.
const OWN = /^(date|server|connection|keep-alive|x-request-id|transfer-encoding|content-length|last-modified)$/;

function essence({ status, fields, body }: HttpAnswer, port: number) {
  const isRedirect = status >= 300 && status < 400;
  const kept = fields
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !OWN.test(name) && !(isRedirect && name === 'content-type'))
    .map(([name, value]) => `${name}: ${name === 'content-type' ? value.toLowerCase() : value}`);
  const steady = (text: string) => text.replaceAll(`:${port}`, ':PORT').replace(/\d\d:\d\d:\d\d/g, 'TIME');
  return { status, fields: kept.map(steady).sort(), body: steady(body) };
}
