// Facts from the tests of the handler that cgibox takes the place of (CPython, test_httpservers.py): what its users
// could rely on holds here too. What differs on purpose is stated as it is now.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { GET, httpAnswer } from '../support/http-answer.ts';
import { startFolder, temporaryFolder } from '../support/start-site.ts';

const HELLO = '#!/usr/bin/env python3\nprint("Content-type: text/html")\nprint()\nprint("Hello World")\n';
const FORM = `#!/usr/bin/env python3
import os, sys
from urllib.parse import parse_qs
form = parse_qs(sys.stdin.read(int(os.environ["CONTENT_LENGTH"])), keep_blank_values=True)
print("Content-type: text/html")
print()
print("%s, %s, %s" % tuple(form.get(name, [None])[0] for name in ("spam", "eggs", "bacon")))
`;
const QUERY =
  '#!/usr/bin/env python3\nimport os\nprint("Content-type: text/html")\nprint()\nprint(os.environ["QUERY_STRING"])\n';

async function start(t: TestContext) {
  const folder = await temporaryFolder(t);
  const scripts = { 'file1.py': HELLO, 'nested/file3.py': HELLO, 'file2.py': FORM, 'file4.py': QUERY };
  for (const [name, text] of Object.entries(scripts)) {
    const file = join(folder, 'cgi-bin', name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode: 0o777 });
  }
  await mkdir(join(folder, 'sub/dir/cgi-bin'), { recursive: true });
  await writeFile(join(folder, 'sub/dir/cgi-bin/file5.py'), HELLO, { mode: 0o777 });
  return startFolder(t, folder);
}

describe('what CGIHTTPServer did', () => {
  it('holds: content, type and status', async (t) => {
    const response = await (await start(t)).get('/cgi-bin/file1.py');
    assert.deepEqual(
      [response.status, response.headers.get('content-type'), await response.text()],
      [200, 'text/html', 'Hello World\n'],
    );
  });

  it('holds: a form by POST', async (t) => {
    const body = new URLSearchParams({ spam: '1', eggs: 'python', bacon: '123456' });
    assert.equal(
      await (await (await start(t)).get('/cgi-bin/file2.py', { method: 'POST', body })).text(),
      '1, python, 123456\n',
    );
  });

  it('holds: what is not there is a 404, with and without a query', async (t) => {
    const site = await start(t);
    assert.equal((await site.get('/cgi-bin/nope')).status, 404);
    assert.equal((await site.get('/cgi-bin/nope/nope?aa=aa&bb=bb')).status, 404);
  });

  it('holds: a header Authorization is no hindrance', async (t) => {
    const headers = { authorization: `Basic ${Buffer.from('username:pass').toString('base64')}` };
    assert.equal((await (await start(t)).get('/cgi-bin/file1.py', { headers })).status, 200);
  });

  it('holds: scripts in folders below cgi-bin, and in a cgi-bin further down', async (t) => {
    const site = await start(t);
    assert.equal(await (await site.get('/cgi-bin/nested/file3.py')).text(), 'Hello World\n');
    assert.equal(await (await site.get('/sub/dir/cgi-bin/file5.py')).text(), 'Hello World\n');
  });

  it('holds: a query keeps its question marks and slashes', async (t) => {
    const site = await start(t);
    for (const query of ['a=b?c=d', 'k=aa%2F%2Fbb&//q//p//=//a//b//'])
      assert.equal(await (await site.get(`/cgi-bin/file4.py?${query}`)).text(), `${query}\n`);
  });

  it('holds: the environment of the server is not changed by a request', async (t) => {
    const before = { ...process.env };
    await (await start(t)).get('/cgi-bin/file1.py');
    assert.deepEqual({ ...process.env }, before);
  });

  it('holds: dot segments and slashes are collapsed before the script is looked for', async (t) => {
    const site = await start(t);
    const spellings = [
      '/cgi-bin/./file1.py',
      '/cgi-bin//file1.py',
      '//cgi-bin/file1.py',
      '/a/b/c/../../../cgi-bin/file1.py',
      '/cgi-bin/nested/../file1.py',
      '/cgi-bin/nested/.././././..//cgi-bin/file1.py',
      '/%63gi-bin/file%31.py',
    ];
    for (const target of spellings) assert.equal(httpAnswer(await site.raw(GET(target))).body, 'Hello World\n', target);
    assert.equal(httpAnswer(await site.raw(GET('///////////nocgi.py/../cgi-bin/nothere.sh'))).status, 404);
  });

  it('holds: what the request accepts is one variable, its fields joined', async (t) => {
    const site = await start(t);
    const accept = 'print(os.environ["HTTP_ACCEPT"], os.environ["HTTP_COOKIE"])';
    const script = `#!/usr/bin/env python3\nimport os\nprint("Content-type: text/html")\nprint()\n${accept}\n`;
    await writeFile(join(site.folder, 'cgi-bin/file6.py'), script, { mode: 0o777 });
    const fields = 'Accept: text/html\r\nAccept: text/plain\r\nCookie: a=1\r\nCookie: b=2\r\n';
    const answer = await site.raw(GET('/cgi-bin/file6.py').replace('\r\n\r\n', `\r\n${fields}\r\n`));
    assert.equal(httpAnswer(answer).body, 'text/html, text/plain a=1; b=2\n');
  });

  it('holds: a script without its execute bit runs', async (t) => {
    const site = await start(t);
    await writeFile(join(site.folder, 'cgi-bin/file7.py'), HELLO, { mode: 0o644 });
    assert.equal(await (await site.get('/cgi-bin/file7.py')).text(), 'Hello World\n');
  });

  it('differs on purpose: a script runs in its own folder (RFC 3875 §7.2), not in the one that is served', async (t) => {
    const site = await start(t);
    const script = '#!/usr/bin/env python3\nimport os\nprint("Content-type: text/html")\nprint()\nprint(os.getcwd())\n';
    await writeFile(join(site.folder, 'cgi-bin/file8.py'), script, { mode: 0o777 });
    assert.equal(await (await site.get('/cgi-bin/file8.py')).text(), `${site.folder}/cgi-bin\n`);
  });

  it('is refused now: a target without a slash, an encoded slash', async (t) => {
    const site = await start(t);
    assert.equal(httpAnswer(await site.raw(GET('cgi-bin/file1.py'))).status, 400);
    assert.equal((await site.get('/cgi-bin%2Ffile1.py')).status, 404);
  });
});
