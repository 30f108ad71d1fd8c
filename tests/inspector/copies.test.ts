// What is copied does the same: the curl and shell commands are run for real, and what comes is compared.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { seen } from '../support/script-environment.ts';
import { sh } from '../support/start-site.ts';
import { startInspected } from './start-inspected.ts';

const SHOW = `#!/usr/bin/perl
binmode STDIN; binmode STDOUT;
print "Content-Type: application/octet-stream\\n\\n";
print map { "$_=$ENV{$_}\\0" } sort keys %ENV;
print map { "argv=$_\\0" } @ARGV;
print "stdin=", join('', <STDIN>), "\\0umask=", umask, "\\0";
`;

/** By its input, as from a clipboard: an argument of a shell may not have 128 KiB. */
async function run(command: string, shell: string): Promise<Buffer> {
  const running = spawn(shell, ['-s'], { stdio: ['pipe', 'pipe', 'inherit'] });
  running.stdin.end(command);
  return buffer(running.stdout);
}

/** Those that are here; sh and dash know none of what bash adds to POSIX. */
const SHELLS = ['sh', 'dash', 'bash', 'zsh', 'ksh', 'mksh'].filter(
  (shell) => spawnSync(shell, ['-c', ':']).status === 0,
);

const BODIES = { none: '', text: 'it\'s\n$HOME `x` \\ "q"', binary: '\0\x01\xff\r\n', large: 'long '.repeat(4000) };

describe('a request as a shell command', () => {
  for (const [name, body] of Object.entries(BODIES))
    it(`reproduces the run byte for byte: ${name} body`, async (t) => {
      const { site, recorded, inspector } = await startInspected(t, { "cgi-bin/it's a script": SHOW });
      const url = "/cgi-bin/it's%20a%20script/p%E9?w%F6rd+t%27wo";
      const fields = `X-Odd: '"$HOME\\ \xe9 tab\there\r\nX-Empty:\r\n`;
      const method = body === '' ? 'GET' : 'POST';
      const answer = await site.raw(
        Buffer.from(
          `${method} ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`,
          'latin1',
        ),
      );
      const { id } = await recorded(url);
      const raw = await fetch(`${inspector}/api/requests/${id}/streams/stdout`);
      const expected = Buffer.from(await raw.arrayBuffer());
      assert.ok(answer.includes('stdin='));
      const command = await (await fetch(`${inspector}/api/requests/${id}/shell?reveal=1`)).text();
      assert.match(command, /^[ -~]+\n$/, 'one line of ASCII');
      for (const shell of SHELLS) {
        const actual = await run(command, shell);
        assert.deepEqual(seen(actual), seen(expected), `${shell}: ${command}`);
        assert.ok(actual.equals(expected), `${shell}: ${command}`);
      }
    });

  it('is refused where nothing was started', async (t) => {
    const { site, recorded, inspector } = await startInspected(t, { 'cgi-bin/lost': '#!/no/such/interpreter\n' });
    await site.get('/cgi-bin/lost');
    const { id } = await recorded('/cgi-bin/lost');
    assert.equal((await fetch(`${inspector}/api/requests/${id}/shell`)).status, 409);
  });
});

describe('a request as a curl command', () => {
  for (const [name, body] of Object.entries(BODIES))
    it(`makes the same request: ${name} body`, async (t) => {
      const { site, recorded, inspector, history } = await startInspected(t, { 'cgi-bin/show': SHOW });
      const url = "/cgi-bin/show/./a//b?x={1,2}&y=[3]&q='";
      const method = body === '' ? 'DELETE' : 'POST';
      await site.raw(
        Buffer.from(
          `${method} ${url} HTTP/1.1\r\nHost: old.example:81\r\nX-Empty:\r\nX-Quote: it's\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
          'latin1',
        ),
      );
      const { id } = await recorded(url);
      const command = await (await fetch(`${inspector}/api/requests/${id}/curl?reveal=1`)).text();
      const fields = (fields: readonly (readonly [string, string])[] = []) =>
        fields.filter(([field]) => body === '' || field.toLowerCase() !== 'content-length').toSorted();
      for (const shell of SHELLS) {
        const count = history.list().length;
        await run(command.replace('--include', '--silent'), shell);
        const last = history.list().at(-1);
        assert.equal(history.list().length, count + 1, `${shell}: ${command}`);
        assert.deepEqual([last?.exchange.requestUri, last?.exchange.method], [url, method], `${shell}: ${command}`);
        assert.equal(last?.recording.body.bytes().toString('latin1'), body);
        assert.deepEqual(
          fields(last?.recording.request.fields),
          fields(history.get(id)?.recording.request.fields),
          `${shell}: ${command}`,
        );
      }
    });
});

describe('a request as HAR and as text', () => {
  it('is HTTP Archive 1.2', async (t) => {
    const { site, api, recorded } = await startInspected(t, {
      'cgi-bin/hi': sh`echo "Content-Type: text/plain"; echo; echo hi`,
    });
    await site.get('/cgi-bin/hi?a=b', { method: 'POST', body: 'x=1' });
    await recorded('/cgi-bin/hi?a=b');
    const { log } = await api('/api/har?method=POST');
    assert.equal(log.version, '1.2');
    const [{ request, response }] = log.entries;
    assert.equal(request.url, `${site.url}/cgi-bin/hi?a=b`);
    assert.deepEqual(request.queryString, [{ name: 'a', value: 'b' }]);
    assert.equal(request.postData.text, 'x=1');
    assert.deepEqual([response.status, response.statusText, response.content.text], [200, 'OK', 'hi\n']);
    assert.equal(response.content.mimeType, 'text/plain');
  });

  it('tells a reader of a bug report everything', async (t) => {
    const { site, recorded, inspector } = await startInspected(t, {
      'cgi-bin/bad': sh`echo "oops here" >&2; echo nonsense`,
    });
    await site.get('/cgi-bin/bad');
    const { id, failure } = await recorded('/cgi-bin/bad');
    const text = await (await fetch(`${inspector}/api/requests/${id}/text`)).text();
    for (const part of [
      'GET /cgi-bin/bad',
      failure.title,
      failure.why,
      'oops here',
      'nonsense',
      'QUERY_STRING=',
      'HTTP/1.1 500',
    ])
      assert.ok(text.includes(part), `${part} in ${text}`);
  });
});
