// cgibox exec as a real process: what goes to which stream, the exit code, and that it runs a script as the server does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilProcessesIn } from '../support/processes.ts';
import { startSite, temporaryFolder } from '../support/start-site.ts';
import { type Ended, runCgibox, startCgibox } from './cgibox-process.ts';

const MAIN = join(import.meta.dirname, '../../server/main.ts');

const ENVIRONMENT = '#!/bin/sh\necho "Content-Type: text/plain"; echo; env | sort; echo; cat\n';
const FILES: Readonly<Record<string, string>> = {
  'cgi-bin/env.sh': ENVIRONMENT,
  'cgi-bin/fails.pl': '#!/usr/bin/perl\nprint "half an answer\\n"; die "no such luck";\n',
  'cgi-bin/noise.sh': '#!/bin/sh\necho "\u001b[31mred" >&2; echo "Status: 404 Gone"; echo; printf "a\\0b"; exit 3\n',
  'cgi-bin/500.sh': '#!/bin/sh\necho "Status: 500 Broken"; echo; echo oops\n',
  'cgi-bin/there.sh': '#!/bin/sh\necho "Location: /cgi-bin/env.sh?from=there"; echo\n',
  'cgi-bin/page.sh': '#!/bin/sh\necho "Location: /index.html"; echo\n',
  'cgi-bin/loop.sh': '#!/bin/sh\necho "Location: /cgi-bin/loop.sh"; echo\n',
  'cgi-bin/nph-raw.sh': '#!/bin/sh\nprintf "HTTP/1.0 200 Fine\\r\\n\\r\\nraw"\n',
  'cgi-bin/nph-odd.sh': '#!/bin/sh\nprintf "HTTP/1.1 199 Odd\\r\\n\\r\\n"\n',
  'cgi-bin/sleeps.sh': '#!/bin/sh\necho "Content-Type: text/plain"; echo; echo begun; sleep 60\n',
  'cgi-bin/mails.sh': `#!/bin/sh\nprintf 'To: a@b\\nSubject: Hello you\\n\\nx\\n' | "${process.execPath}" "${MAIN}" sendmail -t\necho "Content-Type: text/plain"; echo; echo "sent $?"\n`,
  'public/index.html': '<p>page</p>',
};

async function site(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
    if (content.startsWith('#!')) await chmod(join(folder, name), 0o755);
  }
  return folder;
}

async function exec(t: TestContext, ...words: readonly string[]): Promise<Ended & { readonly folder: string }> {
  const folder = await site(t);
  return { ...(await runCgibox(t, ['exec', ...words], { folder, environment: { NO_COLOR: '1' } })), folder };
}

const inSite = ['--site', '.'];
const variableIn = (text: string, name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];

describe('cgibox exec', () => {
  it('gives the body on stdout, and tells the rest on stderr', async (t) => {
    const { code, stdout, stderr, folder } = await exec(t, 'GET', '/cgi-bin/env.sh/info?a=b+c', ...inSite);
    assert.equal(code, 0);
    assert.equal(variableIn(stdout, 'QUERY_STRING'), 'a=b+c');
    assert.equal(variableIn(stdout, 'PATH_INFO'), '/info');
    assert.equal(variableIn(stdout, 'HTTP_HOST'), 'localhost:8000');
    const told = stderr
      .replaceAll(folder, 'FOLDER')
      .replace(/[\w-]{36}/g, 'ID')
      .replace(/[\d.]+(?= ms|,|$)/gm, 'N');
    assert.match(told, /^GET \/cgi-bin\/env.sh\/info\?a=b\+c\n {2}script {5}FOLDER\/cgi-bin\/env.sh\n {2}run /);
    assert.match(
      told,
      /\n {2}header {5}Content-Type: text\/plain\n {2}exit {7}N\n {2}times {6}started N, first byte N,/,
    );
    assert.match(told, /\n {2}answer {5}N, \d+ bytes\n {2}total {6}N ms, request ID\n$/);
  });

  it('gives the same environment as the server does', async (t) => {
    const running = await startSite(t, { 'cgi-bin/env.sh': ENVIRONMENT });
    const overHttp = await (await running.get('/cgi-bin/env.sh?x=1')).text();
    const { stdout } = await exec(t, '/cgi-bin/env.sh?x=1', ...inSite);
    const names = (text: string) => [...text.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]);
    const ofClient = (name: string | undefined) => /^HTTP_|^(TZ|TMPDIR|HOME|LANG)$/.test(name ?? '');
    assert.deepEqual(
      names(stdout).filter((name) => !ofClient(name)),
      names(overHttp).filter((name) => !ofClient(name)),
    );
  });

  it('knows client and server as the server knows them', async (t) => {
    const proxy = { Host: 'a', 'X-Forwarded-For': '192.0.2.7', 'X-Forwarded-Proto': 'https' };
    const cases = [
      [{ ...proxy, 'X-Forwarded-Host': 'www.example.org' }, 'true'],
      [proxy, 'false'],
      [{ Host: 'bad!host' }, 'false'],
    ] as const;
    const names = ['SERVER_NAME', 'HTTPS', 'REQUEST_SCHEME', 'REMOTE_ADDR', 'REMOTE_HOST', 'SERVER_ADDR'];
    for (const [fields, trustProxy] of cases) {
      const server = { port: 0, trustProxy: trustProxy === 'true' };
      const running = await startSite(t, { 'cgi-bin/env.sh': ENVIRONMENT }, { server });
      const header = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
      const overHttp = String(
        await running.raw(['GET /cgi-bin/env.sh HTTP/1.1', ...header, 'Connection: close\r\n\r\n'].join('\r\n')),
      );
      const folder = await site(t);
      const words = ['exec', '/cgi-bin/env.sh', '--quiet', ...header.flatMap((field) => ['-H', field]), ...inSite];
      const environment = { CGIBOX_SERVER_TRUST_PROXY: trustProxy };
      const { stdout } = await runCgibox(t, words, { folder, environment });
      for (const name of names) assert.equal(variableIn(stdout, name), variableIn(overHttp, name), `${header} ${name}`);
      assert.equal(variableIn(stdout, 'SERVER_PORT'), trustProxy === 'true' ? '443' : '8000');
    }
  });

  it('sends a body, fields and variables as they are given', async (t) => {
    const fields = ['-H', 'Cookie: id=1; b=2', '--header', 'content-type: text/x-odd', '-H', 'Host: example.org:99'];
    const words = ['POST', '/cgi-bin/env.sh', '--body', 'päy%load', '--env', 'REMOTE_USER=al=ice', '--env', 'A=1'];
    const { stdout } = await exec(t, ...words, ...fields, ...inSite);
    const expected = { HTTP_COOKIE: 'id=1; b=2', CONTENT_TYPE: 'text/x-odd', SERVER_NAME: 'example.org', A: '1' };
    for (const [name, value] of Object.entries({ ...expected, REMOTE_USER: 'al=ice', CONTENT_LENGTH: '9' }))
      assert.equal(variableIn(stdout, name), value, name);
    assert.match(stdout, /\n\npäy%load$/);
  });

  it('takes a body from a file or from stdin, byte for byte', async (t) => {
    const folder = await site(t);
    const body = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    await writeFile(join(folder, 'body'), body);
    for (const [word, input] of [
      ['@body', ''],
      ['-', body],
    ] as const) {
      const words = [MAIN, 'exec', 'POST', '/cgi-bin/env.sh', '--quiet', '--body', word, ...inSite];
      const { stdout } = spawnSync(process.execPath, words, { cwd: folder, input });
      assert.ok(stdout.subarray(-body.length).equals(body), word);
    }
    const absent = await runCgibox(t, ['exec', 'POST', '/cgi-bin/env.sh', '--body', '@none', ...inSite], { folder });
    assert.equal(absent.code, 2);
    assert.match(absent.stderr, /^error USAGE: Cannot read the body "none": ENOENT/);
  });

  it('follows a local redirect as the server does', async (t) => {
    const { code, stdout, stderr } = await exec(t, 'POST', '/cgi-bin/there.sh', '--body', 'lost', ...inSite);
    assert.equal(code, 0);
    assert.equal(variableIn(stdout, 'REQUEST_METHOD'), 'GET');
    assert.equal(variableIn(stdout, 'REDIRECT_URL'), '/cgi-bin/there.sh');
    assert.equal(stderr.match(/^ {2}script /gm)?.length, 2);
    const page = await exec(t, '/cgi-bin/page.sh', ...inSite);
    assert.deepEqual([page.code, page.stdout], [0, '']);
    assert.match(
      page.stderr,
      /answer {5}200, a local redirect to \/index.html \(file\), which the server answers itself\n/,
    );
    const loop = await exec(t, '/cgi-bin/loop.sh', ...inSite);
    assert.equal(loop.code, 1);
    assert.match(loop.stderr, /answer {5}500, a failure page\n/);
  });

  it('hands the output of an NPH script on as it is', async (t) => {
    const { code, stdout } = await exec(t, '/cgi-bin/nph-raw.sh', ...inSite);
    assert.deepEqual([code, stdout], [0, 'HTTP/1.0 200 Fine\r\n\r\nraw']);
    const odd = await exec(t, '/cgi-bin/nph-odd.sh', ...inSite);
    assert.match(odd.stderr, /answer {5}200, /);
  });

  it('shows both streams, and lets none of them steer the terminal', async (t) => {
    const { code, stdout, stderr } = await exec(t, '/cgi-bin/noise.sh', ...inSite);
    assert.deepEqual([code, stdout], [0, 'a\0b']);
    assert.match(stderr, /^ {2}stderr {5}\\x1b\[31mred$/m);
    assert.match(stderr, /^ {2}header {5}Status: 404 Gone$/m);
    assert.match(stderr, /^ {2}exit {7}3$/m);
  });

  it('says why a script fails, and gives its raw output', async (t) => {
    const { code, stdout, stderr } = await exec(t, '/cgi-bin/fails.pl', ...inSite);
    assert.deepEqual([code, stdout], [1, 'half an answer\n']);
    assert.match(stderr, /^ {2}stderr {5}no such luck at .*fails.pl line 2\.$/m);
    assert.match(stderr, /^500 Internal Server Error: /m);
    assert.match(stderr, /^Mend it:$/m);
    const quiet = await exec(t, '/cgi-bin/500.sh', '--quiet', ...inSite);
    assert.deepEqual([quiet.code, quiet.stdout], [1, 'oops\n']);
  });

  it('catches the mail of the script, and shows it', async (t) => {
    const { code, stdout, stderr } = await exec(t, '/cgi-bin/mails.sh', ...inSite);
    assert.deepEqual([code, stdout], [0, 'sent 0\n']);
    assert.match(stderr, /^ {2}mail {7}"Hello you" to a@b \(sendmail\)$/m);
  });

  it('gives all of it as JSON', async (t) => {
    const { code, stdout } = await exec(t, '/cgi-bin/mails.sh', '--json', ...inSite);
    const result = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([code, result.status, result.exit, result.method], [0, 200, 0, 'GET']);
    assert.equal((result.runs as { stdout: { body: string } }[])[0]?.stdout.body, 'sent 0\n');
    assert.equal((result.mail as { subject: string }[])[0]?.subject, 'Hello you');
  });

  it('ends the script when it is interrupted', { timeout: 20_000 }, async (t) => {
    const folder = await site(t);
    const running = startCgibox(t, ['exec', '/cgi-bin/sleeps.sh', ...inSite], { folder });
    await running.saying(/begun/, 'stdout');
    running.child.kill('SIGINT');
    assert.equal((await running.ended).code, 1);
    await untilProcessesIn(join(folder, 'cgi-bin'), 0);
  });
});

describe('cgibox exec --shell', () => {
  it('prints a line that gives the same answer in a shell', async (t) => {
    const folder = await site(t);
    const words = ['exec', 'POST', '/cgi-bin/env.sh/%E9%0A?q=%27', '--body', "it's\n", '--env', "B='!'", ...inSite];
    const { code, stdout: line } = await runCgibox(t, [...words, '--shell'], { folder });
    assert.equal(code, 0);
    const { stdout } = await runCgibox(t, words, { folder });
    const repeated = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
    const withoutId = (text: string) => text.replace(/UNIQUE_ID=.*/, '');
    assert.equal(withoutId(repeated.stdout).slice(withoutId(repeated.stdout).indexOf('\n\n') + 2), withoutId(stdout));
  });

  it('says why there is none', async (t) => {
    const folder = await site(t);
    await writeFile(join(folder, 'cgi-bin/odd.pl'), '#!/no/such/interpreter\n', { mode: 0o755 });
    const environment = { CGIBOX_CGI_TOLERATE: '[]' };
    const words = ['exec', '/cgi-bin/odd.pl', '--shell', ...inSite];
    const { code, stdout, stderr } = await runCgibox(t, words, { folder, environment });
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^error USAGE: Cannot give a line for "\/cgi-bin\/odd.pl": .*\/no\/such\/interpreter/);
  });
});

describe('cgibox exec --from', () => {
  it('runs a request that a running server has recorded', async (t) => {
    const folder = await site(t);
    const ports = { CGIBOX_PORT: '0', CGIBOX_INSPECTOR_PORT: '0', CGIBOX_MAIL_SMTP_PORTS: '[]' };
    const server = startCgibox(t, ['serve', '.'], { folder, environment: ports });
    const [, url = ''] = await server.saying(/address +(http:\S+)\//);
    const [, inspectorPort = ''] = await server.saying(/inspector +http:\S+:(\d+)/);
    const body = Buffer.from([0, 255, 10, 128]);
    const answer = await fetch(`${url}/cgi-bin/env.sh?a=%E9`, {
      method: 'PUT',
      body,
      headers: { Authorization: 'x', Cookie: 'secret' },
    });
    const overHttp = Buffer.from(await answer.arrayBuffer()).toString('latin1');
    await sleep(100);
    const id = answer.headers.get('x-request-id') ?? '';
    const words = ['exec', '--from', id, '--quiet', '--site', '.'];
    const again = spawnSync(process.execPath, [MAIN, ...words], {
      cwd: folder,
      env: { ...process.env, CGIBOX_INSPECTOR_PORT: inspectorPort },
    });
    assert.equal(again.status, 0, again.stderr.toString());
    const ofRequest = /^(REQUEST_METHOD|REQUEST_URI|QUERY_STRING|CONTENT_|HTTP_).*$/gm;
    const stdout = again.stdout.toString('latin1');
    assert.deepEqual(stdout.match(ofRequest), overHttp.match(ofRequest));
    assert.equal(stdout.slice(-4), body.toString('latin1'));
    const environment = { CGIBOX_INSPECTOR_PORT: inspectorPort };
    const unknown = await runCgibox(t, ['exec', '--from', 'nobody', '--site', '.'], { folder, environment });
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /^error USAGE: Cannot run "nobody": the inspector has no such request\n/);
  });

  it('says where it has asked in vain', async (t) => {
    const environment = { CGIBOX_INSPECTOR_PORT: '1' };
    const { code, stderr } = await runCgibox(t, ['exec', '--from', 'x'], { environment });
    assert.equal(code, 2);
    assert.match(stderr, /Cannot ask "http:\/\/127.0.0.1:1" for the request: no inspector answers there\n/);
  });
});

describe('the words of cgibox exec', () => {
  it('are refused with what to write', async (t) => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['exec'], /Cannot run a script: no URL is given\n {2}hint: write METHOD and URL/],
      [['exec', 'GET', '/a', '/b'], /Cannot run more than one URL: "\/a" "\/b"/],
      [['exec', 'G T', '/a'], /Cannot use "G T": it is no method of HTTP/],
      [['exec', '/a', '--from', 'x'], /Cannot take a URL and "--from"/],
      [['exec', '/a', '-H', 'nonsense'], /Cannot read the header field "nonsense"/],
      [['exec', '/a', '--env', '1=2'], /Cannot read the variable "1=2"/],
      [['exec', '/a b'], /Cannot run "\/a b": it is no lawful URL/],
      [['exec', '/index.html', '--site', '.'], /Cannot run "\/index.html": it is a file, which is sent as it is/],
      [['exec', '/none', '--site', '.'], /Cannot run "\/none": there is nothing/],
    ];
    const folder = await site(t);
    for (const [words, said] of cases) {
      const { code, stdout, stderr } = await runCgibox(t, words, { folder });
      assert.deepEqual([code, stdout], [2, ''], words.join(' '));
      assert.match(stderr, said);
    }
  });
});
