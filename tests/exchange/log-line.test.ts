import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginExchange, type Exchange } from '../../server/exchange/exchange.ts';
import { levelOf, logLine, stderrLine } from '../../server/exchange/log-line.ts';

const AT = Date.UTC(2000, 9, 10, 13, 55, 36, 120);
const exchange = (parts: Partial<Exchange> = {}): Exchange => ({
  ...beginExchange({
    id: 'id1',
    startedAt: AT,
    method: 'GET',
    requestUri: '/cgi-bin/form.pl?a=1',
    protocol: 'HTTP/1.1',
    remoteAddress: '127.0.0.1',
    referer: undefined,
    userAgent: 'curl/8.0',
  }),
  resource: 'script',
  scriptFile: '/site/cgi-bin/form.pl',
  runner: 'direct',
  pid: 42,
  exit: { kind: 'exited', code: 0 },
  status: 200,
  bytesSent: 2326,
  finishedAt: AT + 12.34,
  ending: 'complete',
  ...parts,
});
const HOSTILE = '/a\r\nFAKE - - [x] "GET\x1b[2J\x07\x00\x7f\x9b\xe2\x80\xae"\\';
const FORMATS = ['pretty', 'json', 'combined'] as const;

describe('log line, combined (mod_log_config)', () => {
  it("is Apache's, byte for byte", () => {
    const line = logLine(exchange({ referer: 'http://localhost/start.html' }), 'combined', true);
    assert.equal(
      line,
      '127.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /cgi-bin/form.pl?a=1 HTTP/1.1" 200 2326 "http://localhost/start.html" "curl/8.0"',
    );
  });

  it('writes "-" for what is not there', () => {
    const line = logLine(exchange({ userAgent: undefined, status: 0, bytesSent: 0 }), 'combined', false);
    assert.match(line, /HTTP\/1\.1" - - "-" "-"$/);
  });

  it('escapes as Apache does', () => {
    const line = logLine(exchange({ userAgent: 'a"b\\c\xe9\t\x1b\n\r\x7f' }), 'combined', false);
    assert.ok(line.endsWith(String.raw`"a\"b\\c\xe9\t\x1b\n\r\x7f"`), line);
  });
});

describe('log line, json', () => {
  it('has every key, null where it does not apply', () => {
    assert.deepEqual(JSON.parse(logLine(exchange(), 'json', true)), {
      time: '2000-10-10T13:55:36.120Z',
      level: 'info',
      id: 'id1',
      method: 'GET',
      url: '/cgi-bin/form.pl?a=1',
      protocol: 'HTTP/1.1',
      status: 200,
      durationMs: 12.3,
      bytes: 2326,
      remote: '127.0.0.1',
      resource: 'script',
      script: '/site/cgi-bin/form.pl',
      runner: 'direct',
      pid: 42,
      cause: null,
      diagnosis: null,
      exit: 0,
      tolerated: [],
      remarks: [],
      ending: 'complete',
      referer: null,
      userAgent: 'curl/8.0',
    });
    const keys = (line: string) => Object.keys(JSON.parse(line));
    const bare = exchange({
      scriptFile: undefined,
      runner: undefined,
      pid: undefined,
      exit: undefined,
      finishedAt: undefined,
    });
    assert.deepEqual(keys(logLine(bare, 'json', false)), keys(logLine(exchange(), 'json', false)));
  });

  it('names the cause and what it means', () => {
    const failed = exchange({
      status: 500,
      cause: { kind: 'notExecutable' },
      exit: { kind: 'killed', signal: 'SIGTERM' },
    });
    const line = JSON.parse(logLine(failed, 'json', false));
    assert.deepEqual(
      [line.level, line.cause, line.diagnosis, line.exit],
      ['error', 'notExecutable', 'form.pl is not executable', 'SIGTERM'],
    );
    const known = { ...failed, diagnosis: 'The Perl module CGI is not installed' };
    assert.equal(JSON.parse(logLine(known, 'json', false)).diagnosis, 'The Perl module CGI is not installed');
  });
});

describe('log line, pretty', () => {
  it('is one line for a person', () => {
    const line = logLine(exchange(), 'pretty', false);
    assert.match(line, /^\d\d:\d\d:\d\d 200 GET \/cgi-bin\/form\.pl\?a=1 12ms 2\.3kB form\.pl \(direct\) id1$/);
  });

  it('adds what went wrong, was tolerated and remarked', () => {
    const line = logLine(
      exchange({
        status: 504,
        cause: { kind: 'timeLimit', seconds: 60 },
        tolerated: ['notExecutable', 'crlfShebang'],
        remarks: ['dropped header Connection'],
        ending: 'truncated',
      }),
      'pretty',
      false,
    );
    assert.ok(
      line.endsWith(
        'id1 – form.pl wrote no header within 60 seconds – answer cut – tolerated: notExecutable, crlfShebang – dropped header Connection',
      ),
      line,
    );
  });

  it('tells of a bad end after a good answer', () => {
    assert.match(logLine(exchange({ exit: { kind: 'exited', code: 3 } }), 'pretty', false), / – exit status 3$/);
    assert.match(
      logLine(exchange({ exit: { kind: 'killed', signal: 'SIGSEGV' } }), 'pretty', false),
      / – ended by SIGSEGV$/,
    );
  });

  it('is coloured only where it may be', () => {
    assert.ok(logLine(exchange(), 'pretty', true).includes('\x1b[32m200\x1b[0m'));
    assert.ok(!logLine(exchange(), 'pretty', false).includes('\x1b'));
  });
});

describe('log lines and hostile input', () => {
  for (const format of FORMATS) {
    it(`lets nothing act in ${format}`, () => {
      const hostile = exchange({
        method: HOSTILE,
        requestUri: HOSTILE,
        referer: HOSTILE,
        userAgent: HOSTILE,
        scriptFile: HOSTILE,
        remarks: [HOSTILE],
        diagnosis: HOSTILE,
        cause: { kind: 'couldNotStart', errno: HOSTILE },
      });
      const lines = [
        logLine(hostile, format, false),
        stderrLine({ id: 'id1', scriptName: HOSTILE, line: HOSTILE, at: AT }, format, false),
      ];
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
      for (const line of lines) assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u202e]/);
    });
  }

  it('stays bounded in pretty, whatever the URL', () => {
    assert.ok(logLine(exchange({ requestUri: `/${'x'.repeat(60_000)}` }), 'pretty', false).length < 1000);
  });
});

describe('line of stderr', () => {
  const message = { id: 'id1', scriptName: '/cgi-bin/x.pl', line: 'caf\xe9 at x.pl line 1.\r', at: AT };

  it('is attached to the request in every format', () => {
    assert.match(
      stderrLine(message, 'pretty', false),
      /^\d\d:\d\d:\d\d stderr \/cgi-bin\/x\.pl id1: café at x\.pl line 1\.$/,
    );
    assert.equal(
      stderrLine(message, 'combined', false),
      '[10/Oct/2000:13:55:36 +0000] [cgi:error] [id1] /cgi-bin/x.pl: café at x.pl line 1.',
    );
    assert.deepEqual(JSON.parse(stderrLine(message, 'json', false)), {
      time: '2000-10-10T13:55:36.120Z',
      level: 'warn',
      id: 'id1',
      script: '/cgi-bin/x.pl',
      stderr: 'café at x.pl line 1.',
    });
  });
});

describe('level of a request', () => {
  it('is error where script or server failed', () => {
    assert.equal(levelOf(exchange({ cause: { kind: 'bodyTooLarge', limitBytes: 1 }, status: 413 })), 'error');
    assert.equal(levelOf(exchange({ status: 500 })), 'error');
  });

  it('is warn where the answer was cut or the script ended badly', () => {
    assert.equal(levelOf(exchange({ ending: 'truncated' })), 'warn');
    assert.equal(levelOf(exchange({ exit: { kind: 'exited', code: 1 } })), 'warn');
  });

  it('is info for the rest, also for an absent page', () => {
    assert.equal(levelOf(exchange()), 'info');
    assert.equal(levelOf(exchange({ status: 404, exit: undefined })), 'info');
    assert.equal(levelOf(exchange({ ending: 'clientGone', exit: { kind: 'killed', signal: 'SIGTERM' } })), 'info');
  });
});
