// Static files over a real socket (RFC 9110): bytes, types, conditions and ranges.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openFile } from '../../server/site/disk.ts';
import { percentEncodedPath } from '../../server/site/percent-encoding.ts';
import { type Files, temporarySite } from '../site/temporary-site.ts';
import { serveFiles } from './file-server.ts';

const DIGITS = '0123456789';
const SINCE = new Date('2020-01-02T03:04:05.678Z');

async function digits(t: TestContext) {
  const site = temporarySite(t, { 'public/d.txt': DIGITS, 'public/empty.txt': '' });
  fs.utimesSync(path.join(site.root, 'public/d.txt'), SINCE, SINCE);
  return serveFiles(t, site);
}

describe('type of a file', () => {
  const types: readonly [name: string, type: string][] = [
    ['a.html', 'text/html'],
    ['A.HTM', 'text/html'],
    ['a.shtml', 'text/html'],
    ['a.txt', 'text/plain'],
    ['a.css', 'text/css'],
    ['a.js', 'text/javascript'],
    ['a.json', 'application/json'],
    ['a.xml', 'text/xml'],
    ['a.svg', 'image/svg+xml'],
    ['a.gif', 'image/gif'],
    ['a.JPG', 'image/jpeg'],
    ['a.class', 'application/java-vm'],
    ['a.jar', 'application/java-archive'],
    ['a.wml', 'text/vnd.wap.wml'],
    ['a.tar.gz', 'application/gzip'],
    ['README', 'application/octet-stream'],
    ['txt', 'application/octet-stream'],
    ['a.unknown', 'application/octet-stream'],
  ];
  it('comes from its extension, without a charset', async (t) => {
    const files = Object.fromEntries(types.map(([name]) => [`public/${name}`, 'x']));
    const server = await serveFiles(t, temporarySite(t, files));
    for (const [name, type] of types) {
      for (const method of ['GET', 'HEAD']) {
        const expected =
          type === 'text/xml' ? /^(text|application)\/xml$/ : new RegExp(`^${type.replace('+', '\\+')}$`);
        assert.match((await server.ask(`/${name}`, {}, method)).headers['content-type'] ?? '', expected, name);
      }
    }
  });

  it('names the charset that the owner declares, for text', async (t) => {
    const files = { 'public/old/a.html': '', 'public/old/a.gif': '', 'public/old/new/a.txt': '', 'public/a.html': '' };
    const charset = { '/old/': 'Shift_JIS', '/old/new/': 'utf-8' };
    const server = await serveFiles(t, temporarySite(t, files, { site: { charset } }));
    const type = async (url: string) => (await server.ask(url)).headers['content-type'];
    assert.equal(await type('/old/a.html'), 'text/html; charset=Shift_JIS');
    assert.equal(await type('/old/new/a.txt'), 'text/plain; charset=utf-8');
    assert.equal(await type('/old/a.gif'), 'image/gif');
    assert.equal(await type('/a.html'), 'text/html');
  });
});

describe('bytes of a file', () => {
  it('are sent whatever its name is made of', async (t) => {
    const names = [
      'a?b',
      'a#b',
      'a%41b',
      '%2F',
      'a\\b',
      '\u00e9t\u00e9',
      '\u0083\\',
      'a b',
      'a\nb',
      '"\'<&>',
      '~x',
      '%',
      'a%',
      '%zz',
      '*',
      'a;b',
    ];
    const files: Files = Object.fromEntries(names.map((name) => [`public/${name}.txt`, `<${name}>`]));
    const server = await serveFiles(t, temporarySite(t, files));
    for (const name of names) {
      const url = percentEncodedPath(`/${name}.txt`).replaceAll('%5C', '\\');
      const answer = await server.ask(url);
      assert.equal(answer.status, 200, url);
      assert.equal(answer.body.toString('utf8'), `<${name}>`, url);
    }
  });

  it('are sent with length, validators and the added fields, and never the route', async (t) => {
    const site = temporarySite(t, { 'public/d.txt': DIGITS });
    fs.utimesSync(path.join(site.root, 'public/d.txt'), SINCE, SINCE);
    const server = await serveFiles(t, site, { 'x-site': 'caf\u00e9', 'cache-control': 'max-age=5' });
    const answer = await server.ask('/d.txt');
    assert.equal(answer.body.toString(), DIGITS);
    const { etag, 'last-modified': modified, 'accept-ranges': ranges, 'content-length': length } = answer.headers;
    assert.deepEqual([modified, ranges, length], ['Thu, 02 Jan 2020 03:04:05 GMT', 'bytes', '10']);
    assert.match(etag ?? '', /^W\/"a-[0-9a-f]+"$/);
    assert.deepEqual([answer.headers['x-site'], answer.headers['cache-control']], ['caf\u00e9', 'max-age=5']);
  });

  it('are not sent for HEAD', async (t) => {
    const answer = await (await digits(t)).ask('/d.txt', {}, 'HEAD');
    assert.deepEqual([answer.status, answer.headers['content-length'], answer.body.length], [200, '10', 0]);
  });

  it('may be none', async (t) => {
    const server = await digits(t);
    const answer = await server.ask('/empty.txt');
    assert.deepEqual([answer.status, answer.headers['content-length'], answer.body.length], [200, '0', 0]);
    assert.equal((await server.ask('/empty.txt', { range: 'bytes=0-' })).status, 416);
  });

  it('are many without being held in memory', async (t) => {
    const site = temporarySite(t, { 'public/big': '' });
    fs.truncateSync(path.join(site.root, 'public/big'), 5_000_001);
    assert.equal((await (await serveFiles(t, site)).ask('/big')).body.length, 5_000_001);
  });

  it('leave no descriptor open', async (t) => {
    const server = await digits(t);
    await server.ask('/d.txt');
    const before = fs.readdirSync('/proc/self/fd').length;
    for (let index = 0; index < 20; index += 1) {
      await server.ask('/d.txt', index % 2 === 0 ? {} : { range: 'bytes=99-' }, index % 3 === 0 ? 'HEAD' : 'GET');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(fs.readdirSync('/proc/self/fd').length <= before + 2);
  });
});

describe('range request (RFC 9110 §14.2)', () => {
  const answers: readonly [range: string, status: number, body: string, contentRange?: string][] = [
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=0-99', 206, DIGITS, 'bytes 0-9/10'],
    ['bytes=-99', 206, DIGITS, 'bytes 0-9/10'],
    ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=20-30,40-', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=0-1,4-5', 200, DIGITS],
    ['bytes=0-1,90-', 206, '01', 'bytes 0-1/10'],
    ['bytes=4-2', 200, DIGITS],
    ['bytes=a-b', 200, DIGITS],
    ['bytes=-', 200, DIGITS],
    ['lines=1-2', 200, DIGITS],
  ];
  for (const [range, status, body, contentRange] of answers) {
    it(`answers "${range}" with ${status}`, async (t) => {
      const answer = await (await digits(t)).ask('/d.txt', { range });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['content-range'], contentRange);
      if (status !== 416) assert.equal(answer.body.toString(), body);
    });
  }

  it('is for GET alone', async (t) => {
    const server = await digits(t);
    for (const range of ['bytes=2-4', 'bytes=99-']) {
      const { status, headers } = await server.ask('/d.txt', { range }, 'HEAD');
      assert.deepEqual([status, headers['content-length'], headers['content-range']], [200, '10', undefined]);
    }
  });

  it('is whole where If-Range does not hold (§13.1.5)', async (t) => {
    const server = await digits(t);
    const { etag = '', 'last-modified': modified = '' } = (await server.ask('/d.txt')).headers;
    const status = async (ifRange: string) =>
      (await server.ask('/d.txt', { range: 'bytes=1-2', 'if-range': ifRange })).status;
    assert.equal(await status(modified), 206);
    assert.equal(await status('Wed, 01 Jan 2020 00:00:00 GMT'), 200);
    assert.equal(await status('Fri, 03 Jan 2020 00:00:00 GMT'), 200, 'the date must be the very same');
    assert.equal(await status(etag), 200, 'a weak tag is no ground for joining two halves');
    assert.equal(await status('"other"'), 200);
  });
});

describe('conditional request (RFC 9110 §13)', () => {
  const later = 'Fri, 03 Jan 2020 00:00:00 GMT';
  const earlier = 'Wed, 01 Jan 2020 00:00:00 GMT';
  const answers: readonly [fields: Record<string, string>, status: number][] = [
    [{ 'if-none-match': 'ETAG' }, 304],
    [{ 'if-none-match': '"x", ETAG' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-none-match': '"x"', 'if-modified-since': later }, 200],
    [{ 'if-modified-since': later }, 304],
    [{ 'if-modified-since': 'Thu, 02 Jan 2020 03:04:05 GMT' }, 304],
    [{ 'if-modified-since': earlier }, 200],
    [{ 'if-modified-since': 'never' }, 200],
    // What is no HTTP date is ignored, whatever Date.parse makes of it; the obsolete forms are read.
    [{ 'if-modified-since': '0' }, 200],
    [{ 'if-modified-since': 'foo 2030' }, 200],
    [{ 'if-modified-since': '2030-01-01' }, 200],
    [{ 'if-modified-since': 'Fri, 03 Jan 2020 00:00:00' }, 200],
    [{ 'if-modified-since': 'Friday, 03-Jan-20 00:00:00 GMT; length=10' }, 304],
    [{ 'if-modified-since': 'Fri Jan  3 00:00:00 2020' }, 304],
    [{ 'if-modified-since': 'Thu Jan  2 03:04:04 2020' }, 200],
    [{ 'if-unmodified-since': '1' }, 200],
    [{ 'if-unmodified-since': 'tomorrow 1' }, 200],
    [{ 'if-match': 'ETAG' }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': '*', 'if-unmodified-since': earlier }, 200],
    [{ 'if-unmodified-since': earlier }, 412],
    [{ 'if-unmodified-since': later }, 200],
    [{ 'if-none-match': 'ETAG', range: 'bytes=99-' }, 304],
    [{ 'if-match': '"x"', range: 'bytes=0-1' }, 412],
  ];
  for (const [fields, status] of answers) {
    it(`answers ${JSON.stringify(fields)} with ${status}`, async (t) => {
      const server = await digits(t);
      const { etag = '' } = (await server.ask('/d.txt')).headers;
      const asked = Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [name, value.replace('ETAG', etag)]),
      );
      const answer = await server.ask('/d.txt', asked);
      assert.equal(answer.status, status);
      assert.equal(answer.body.length, { 200: 10, 304: 0, 412: 24 }[status]);
      if (status === 304) assert.deepEqual([answer.headers.etag, answer.headers['content-type']], [etag, undefined]);
    });
  }

  it('names no time to come as that of the last change (§8.8.2.1)', async (t) => {
    const site = temporarySite(t, { 'public/d.txt': DIGITS });
    fs.utimesSync(path.join(site.root, 'public/d.txt'), 4e9, 4e9);
    const { date = '', 'last-modified': modified = '' } = (await (await serveFiles(t, site)).ask('/d.txt')).headers;
    assert.ok(Date.parse(modified) <= Date.parse(date), modified);
  });

  it('sees what was just written', async (t) => {
    const site = temporarySite(t, { 'public/d.txt': DIGITS });
    const server = await serveFiles(t, site);
    const { etag = '' } = (await server.ask('/d.txt')).headers;
    fs.writeFileSync(path.join(site.root, 'public/d.txt'), 'new');
    const answer = await server.ask('/d.txt', { 'if-none-match': etag });
    assert.deepEqual([answer.status, answer.body.toString()], [200, 'new']);
  });
});

describe('file exchanged between judging and sending', () => {
  it('is not opened through a link', (t) => {
    const site = temporarySite(t, { 'public/a.txt': 'a', 'public/dir/b.txt': 'b', secret: 's', 'other/b.txt': 's' });
    const file = (name: string) => path.join(site.root, name);
    fs.rmSync(file('public/a.txt'));
    fs.symlinkSync('../secret', file('public/a.txt'));
    fs.renameSync(file('public/dir'), file('public/was'));
    fs.symlinkSync('../other', file('public/dir'));
    assert.equal(openFile(file('public/a.txt')), undefined);
    assert.equal(openFile(file('public/dir/b.txt')), undefined);
    assert.equal(openFile(file('public')), undefined);
    const opened = openFile(file('public/was/b.txt'));
    assert.equal(opened?.size, 1);
    opened?.close();
  });
});

describe('file cut while it is sent', () => {
  it('ends the connection, so that the client can tell', async (t) => {
    const site = temporarySite(t, { 'public/log': '' });
    const file = path.join(site.root, 'public/log');
    fs.truncateSync(file, 64 * 1024 * 1024);
    const { port } = await serveFiles(t, site);
    const response = await new Promise<http.IncomingMessage>((resolve) => {
      http.get({ port, host: '127.0.0.1', path: '/log', agent: new http.Agent({ keepAlive: true }) }, resolve);
    });
    fs.truncateSync(file, 1024);
    response.resume();
    await assert.rejects(once(response, 'end'), { code: 'ECONNRESET' });
  });
});
