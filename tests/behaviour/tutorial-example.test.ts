// The example of every tutorial for CGIHTTPServer: a form beside its script, run as it is, without configuration.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { copiedFolder } from '../support/copied-folder.ts';
import { startFolder } from '../support/start-site.ts';

// The example imports cgi, which Python 3.13 removed. `python` itself may be absent: python3 is then taken.
const hasCgi = ['python', 'python3'].some((name) => spawnSync(name, ['-W', 'ignore', '-c', 'import cgi']).status === 0);
const skip = hasCgi ? false : 'python here has no module cgi (gone since 3.13; legacy-cgi brings it back)';

async function startExample(t: TestContext, mode: number) {
  const folder = await copiedFolder(t, 'tests/fixtures/cgi_test');
  await chmod(path.join(folder, 'form_handler.py'), mode);
  return startFolder(t, folder);
}

describe('the tutorial example of CGIHTTPServer', () => {
  for (const [mode, state] of [
    [0o755, 'executable'],
    [0o644, 'not executable'],
  ] as const) {
    it(`greets by name from a script that is ${state}`, { skip }, async (t) => {
      const site = await startExample(t, mode);
      const response = await site.get('/form_handler.py?name=Alice');
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'text/html');
      assert.equal(await response.text(), '<p>Hello, <strong>Alice</strong>!</p>\n');
    });
  }

  it('is served by "cgibox serve FOLDER"', { skip }, async (t) => {
    const folder = await copiedFolder(t, 'tests/fixtures/cgi_test');
    const server = spawn(process.execPath, ['server/main.ts', 'serve', folder, '--port', '0'], {
      cwd: path.resolve(import.meta.dirname, '../..'),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => server.kill('SIGTERM'));
    let told = '';
    for await (const chunk of server.stderr) {
      told += chunk;
      if (/http:\/\/[^\s]+/.test(told)) break;
    }
    const address = /http:\/\/[^\s]+/.exec(told)?.[0];
    assert.ok(address, told);
    const response = await fetch(new URL('/form_handler.py?name=Alice', address));
    assert.equal(await response.text(), '<p>Hello, <strong>Alice</strong>!</p>\n');
    server.kill('SIGTERM');
    assert.deepEqual(await once(server, 'exit'), [0, null]);
  });

  it('escapes the name', { skip }, async (t) => {
    const site = await startExample(t, 0o755);
    const text = await (await site.get('/form_handler.py?name=%3Cscript%3E')).text();
    assert.equal(text, '<p>Hello, <strong>&lt;script&gt;</strong>!</p>\n');
  });

  for (const url of ['/', '/index.html']) {
    it(`answers ${url} with the form`, async (t) => {
      const site = await startExample(t, 0o755);
      const response = await site.get(url);
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
      assert.ok((await response.text()).includes('<form action="form_handler.py" method="GET">'));
    });
  }

  it('never sends the source of the script', async (t) => {
    const site = await startExample(t, 0o755);
    for (const url of [
      '/form_handler.py/',
      '/form_handler.py%20',
      '/form_handler.py.',
      '/FORM_HANDLER.PY',
      '/%66orm_handler.py',
    ]) {
      assert.ok(!(await (await site.get(url)).text()).includes('FieldStorage('), url);
    }
  });
});
