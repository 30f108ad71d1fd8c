// --against: what two servers cannot say alike is no difference: their own names, and their own words for an error.
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { siteFolder, smokeJson } from './smoking.ts';

async function otherServer(t: TestContext, answer: RequestListener): Promise<number> {
  const other = createServer((request, response) => {
    response.setHeader('Connection', 'close');
    answer(request, response);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  return (other.address() as AddressInfo).port;
}

const script = (lines: string) => `#!/bin/sh\n${lines}\n`;

describe("a server's own name", () => {
  const self = script(
    'echo "Content-Type: text/html"; echo\n' +
      'echo "<a href=\\"http://$SERVER_NAME:$SERVER_PORT$SCRIPT_NAME?a=1\\">again</a> on $HTTP_HOST, $SERVER_NAME to $REMOTE_ADDR"\n' +
      'echo "<a href=\\"/login?back=http%3A%2F%2F$SERVER_NAME%3A$SERVER_PORT%2F\\">in</a> http:\\/\\/$HTTP_HOST\\/"',
  );

  it('is no difference to the same site kept warm', async (t) => {
    const { code, results } = await smokeJson(t, siteFolder(t, { 'cgi-bin/self.sh': self }), ['--against', 'warm']);
    assert.equal(code, 0, JSON.stringify(results, null, 1));
  });

  it('is none to a server of another name and client', async (t) => {
    const port = await otherServer(t, (request, response) => {
      const host = `localhost:${port}`;
      response.setHeader('Content-Type', 'text/html');
      response.end(
        `<a href="http://${host}${request.url}?a=1">again</a> on ${host}, localhost to 10.1.2.3\n` +
          `<a href="/login?back=http%3A%2F%2Flocalhost%3A${port}%2F">in</a> http:\\/\\/${host}\\/\n`,
      );
    });
    const folder = siteFolder(t, { 'cgi-bin/self.sh': self });
    const { code, results } = await smokeJson(t, folder, ['--against', `http://localhost:${port}/`]);
    assert.equal(code, 0, JSON.stringify(results, null, 1));
  });
});

describe('the words of a server for an error or a redirect', () => {
  const answers: Readonly<Record<string, readonly [status: number, location?: string]>> = {
    '/cgi-bin/gone.sh': [302, 'http://www.example.org/'],
    '/cgi-bin/moved.sh': [302, 'http://www.example.org/b'],
    '/cgi-bin/own.sh': [404],
    '/cgi-bin/silent.sh': [500],
    '/no-such-page': [404],
  };

  it('are no difference where the status is the same', async (t) => {
    const port = await otherServer(t, ({ url = '' }, response) => {
      const [status = 200, location] = answers[url] ?? [];
      response.writeHead(status, { 'Content-Type': 'text/html', ...(location !== undefined && { location }) });
      response.end('<address>Apache/1.3.42 Server at old.example</address>');
    });
    const folder = siteFolder(t, {
      'cgi-bin/gone.sh': script('echo "Location: http://www.example.org/"; echo'),
      'cgi-bin/moved.sh': script('echo "Location: http://www.example.org/a"; echo'),
      'cgi-bin/own.sh': script('printf "Status: 404 Not Found\\nContent-Type: text/html\\n\\nno such guest\\n"'),
      'cgi-bin/silent.sh': script(':'),
      'plan.yaml': Object.keys(answers)
        .map((url) => `- request: ${url}\n`)
        .join(''),
    });
    const { results } = await smokeJson(t, folder, ['plan.yaml', '--against', `http://127.0.0.1:${port}/`]);
    assert.deepEqual(
      results.map(({ failures }) => failures.map(({ summary }) => summary)),
      [[], ['the field location is "/a" here and "/b" there'], ['the body differs: "-" is there, "+" is here'], [], []],
    );
  });
});
