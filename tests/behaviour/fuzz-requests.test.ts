// Fuzz: raw bytes over a socket. After each the next request is answered, and no source or file is ever disclosed.
// CGIBOX_FUZZ_RUNS=100000 makes it long; CGIBOX_FUZZ_SEED makes it another one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { untilProcessesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite, type TestSite } from '../support/start-site.ts';

const RUNS = Number(process.env.CGIBOX_FUZZ_RUNS ?? 1500);
const SEED = Number(process.env.CGIBOX_FUZZ_SEED ?? 20_241);
const SECRET = 'TOP-SECRET-4711';
const FILES = {
  'cgi-bin/s.sh': sh`# ${SECRET}
printf 'Content-Type: text/plain\n\nran'`,
  'cgi-bin/data.txt': SECRET,
  'public/page.txt': 'page',
  'public/a.pl': `#!/usr/bin/perl\n# ${SECRET}\nprint "Content-Type: text/plain\\n\\nran";`,
  'public/.hidden': SECRET,
  'public/old.bak': SECRET,
  'secret.txt': SECRET,
};

const NAMES = [
  'cgi-bin',
  's.sh',
  'data.txt',
  'page.txt',
  'a.pl',
  '.hidden',
  'old.bak',
  'secret.txt',
  'public',
  'etc',
  'passwd',
];
const ODD = [
  '..',
  '.',
  '',
  '%2e%2e',
  '%2f',
  '%5c',
  '\\',
  '%00',
  '%',
  ';',
  '%20',
  ' ',
  '+',
  '~',
  ':',
  '%252e',
  '\xe9',
  '?',
  '#',
  '*',
];

const segment = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 3, arbitrary: fc.constantFrom(...ODD) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...ODD)).map(([a, b]) => a + b) },
  { weight: 1, arbitrary: fc.constantFrom(...NAMES).map((name) => name.toUpperCase()) },
);
const target = fc.oneof(
  { weight: 8, arbitrary: fc.array(segment, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`) },
  { weight: 1, arbitrary: fc.array(segment, { maxLength: 3 }).map((parts) => `http://h/${parts.join('/')}`) },
  { weight: 1, arbitrary: fc.array(segment, { maxLength: 3 }).map((parts) => parts.join('/')) },
);
const method = fc.constantFrom(
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'get',
  '',
);
const field = fc.oneof(
  fc.constantFrom(
    'Host: a',
    'Host:',
    'Content-Length: 3',
    'Content-Length: 0',
    'Content-Length: 99',
    'Transfer-Encoding: chunked',
    'Range: bytes=0-5',
    'Range: bytes=-1,0-,5-2',
    'Expect: 100-continue',
    'If-None-Match: *',
    'Connection: close',
    'Connection: Upgrade',
    'Upgrade: h2c',
    'Accept: application/json',
    ': none',
    ' folded',
    'no colon',
  ),
  fc.tuple(fc.constantFrom('Cookie', 'X-A', 'Accept', 'X_B'), noise(20)).map(([name, value]) => `${name}: ${value}`),
);
const lineEnd = fc.oneof(
  { weight: 12, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\0', '') },
);
const version = fc.oneof(
  { weight: 8, arbitrary: fc.constant('HTTP/1.1') },
  fc.constantFrom('HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'http/1.1', ''),
);
const request = fc
  .record({ method, target, version, fields: fc.array(field, { maxLength: 5 }), lineEnd, body: noise(30) })
  .map(({ method: verb, target: path, version: protocol, fields, lineEnd: end, body }) =>
    [`${verb} ${path} ${protocol}`, 'Host: a', ...fields, '', body].join(end),
  );
const bytes = fc.oneof({ weight: 6, arbitrary: request }, { weight: 1, arbitrary: noise(200) });

function noise(maxLength: number): fc.Arbitrary<string> {
  return fc.uint8Array({ maxLength }).map((raw) => Buffer.from(raw).toString('latin1'));
}

describe('any bytes over a socket', () => {
  it(`disclose nothing and are survived, ${RUNS} times`, async (t) => {
    const site = await startSite(t, FILES);
    await fc.assert(
      fc.asyncProperty(bytes, (sent) => assertHarmless(site, sent)),
      { seed: SEED, numRuns: RUNS },
    );
    await untilProcessesIn(site.folder, 0);
  });
});

async function assertHarmless(site: TestSite, sent: string): Promise<void> {
  const got = (await site.raw(sent, { halfClose: true, silenceMs: 2000 })).toString('latin1');
  assert.doesNotMatch(got, /TOP-SECRET|root:x:/);
  assert.match(got, /^(HTTP\/1\.1 [2-5]\d\d |HTTP\/1\.1 100 Continue\r\n|$)/);
  const client = await rawClient(site.port, requestText('GET /page.txt', ['Connection: close']));
  assert.equal((await client.answer()).body, 'page');
  client.leave();
}
