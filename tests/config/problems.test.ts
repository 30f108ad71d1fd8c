import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { errorOf, loadIn } from './loading.ts';
import { temporaryFolder } from './temporary-folder.ts';

function messageFor(t: TestContext, text: string | Uint8Array): string {
  const folder = temporaryFolder(t, { 'config/cgibox.yaml': text });
  const error = errorOf(() => loadIn(folder));
  assert.equal(error.code, 'CONFIG_INVALID');
  return error.message;
}

/** What is pointed at: the characters above the carets, and the advice behind them. */
function pointsOf(message: string): string[] {
  const lines = message.split('\n');
  return lines.flatMap((line, index) => {
    const caret = /^( *\| [ \t]*)(\^+) (.*)$/.exec(line);
    if (caret === null) return [];
    const [, indent = '', carets = '', advice = ''] = caret;
    return [`${(lines[index - 1] ?? '').slice(indent.length, indent.length + carets.length)} → ${advice}`];
  });
}

describe('a wrong configuration file', () => {
  it('is shown with its place, its line and what to write', (t) => {
    assert.equal(
      messageFor(t, 'limits:\n  timeoutSeconds: soon\n'),
      `Cannot read config/cgibox.yaml: limits.timeoutSeconds must be a number
  --> config/cgibox.yaml:2:19
 2 |   timeoutSeconds: soon
   |                   ^^^^ write seconds as a number, for example 30`,
    );
  });

  it('is shown within seconds where 20 000 keys are unknown, repeated or wrong', (t) => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}`);
    const before = Date.now();
    const unknown = messageFor(t, keys.map((key) => `${key}: 1\n`).join(''));
    assert.match(unknown, /"k199" is not a key\n/);
    assert.match(unknown, /: 19800 more mistakes are not shown\n.*:201:1\n/);
    const wrong = messageFor(t, `cgi:\n  environment:\n${keys.map((key) => `    ${key}: ~\n`).join('')}    k0: 1\n`);
    assert.match(wrong, /the same key stands here twice\n.*:20003:5\n/);
    // A comparison of each key with each took more than twenty.
    assert.ok(Date.now() - before < 15_000);
  });

  it('shows every error at once, in the order of the file', (t) => {
    const text = `port: 80
server:
  prot: 80
site:
  followSymlinks: insde
  deny: [data, /x/**]
  headers: {a b: x}
limits:
  running: 0
  bodyBytes: 5xb
cgi:
  scriptAlias: {/cgi-bin: cgi-bin}
  addHandler: [cgi]
  tolerate: [crlfShebnag]
  environment: {1x: y, A: [1]}
  perScript:
    "*.cgi": {nhp: true}
mail: 3
`;
    assert.deepEqual(pointsOf(messageFor(t, text)), [
      'port → did you mean "server.port"?',
      'prot → did you mean "port"?',
      'insde → did you mean "inside"?',
      'data → write for example "/data/**"',
      'a b → write for example X-Frame-Options',
      '0 → write a number that is more than 0',
      '5xb → write for example 64kb',
      '/cgi-bin → write "/cgi-bin/"',
      'cgi → write ".cgi"',
      'crlfShebnag → did you mean "crlfShebang"?',
      '1x → write for example DATA_DIR',
      '[1] → write for example "yes"',
      'nhp → did you mean "nph"?',
      '3 → write keys and values below it, or remove it',
    ]);
  });

  it('points at the map where a key is missing', (t) => {
    assert.deepEqual(pointsOf(messageFor(t, 'server:\n  tls: {certificate: a.pem}\n')), ['tls → add "key"']);
  });

  it('refuses sizes that are none or too large', (t) => {
    for (const size of ['0', '0kb', '-1', '1.5', '9999999999gb', '.inf', 'true', 'null', '[1]'])
      assert.match(messageFor(t, `limits: {bodyBytes: ${size}}\n`), /limits\.bodyBytes must be a size/, size);
  });
});

const SYNTAX: Readonly<Record<string, readonly [text: string, what: string, place: string]>> = {
  'a tab as indent': ['server:\n\tport: 1\n', 'a tab indents this line', '2:1'],
  'a key that stands twice': ['log: {level: info}\nlog: {}\n', 'the same key stands here twice', '2:1'],
  'a second document': ['log: {}\n---\nmail: {}\n', 'a second document begins here', '2:1'],
  'a tag': ['log: !!js/function x\n', 'tags ("!name") mean nothing here', '1:6'],
  'an alias without anchor': ['log: *x\n', 'an alias ("*name") needs an anchor ("&name") above it', '1:6'],
  'an open bracket': ['site: {deny: [a\n', 'a bracket, quote or comma is missing', '2:1'],
  'a list at the top': ['- a\n', 'the file must be a map of keys', '1:1'],
  'a scalar at the top': ['hello\n', 'the file must be a map of keys', '1:1'],
  'a NUL byte': ['log:\n  level: \0\n', 'it holds a NUL byte: this is not a text file', '2:10'],
};

describe('what is no configuration', () => {
  for (const [name, [text, what, place]] of Object.entries(SYNTAX)) {
    it(`is ${name}: told with its place`, (t) => {
      const [first, second] = messageFor(t, text).split('\n');
      assert.equal(first, `Cannot read config/cgibox.yaml: ${what}`);
      assert.equal(second, `  --> config/cgibox.yaml:${place}`);
    });
  }

  it('is text in ISO-8859-1: told at its first such byte', (t) => {
    const message = messageFor(t, Buffer.from('# ok\nsite: {root: caf\xe9}\n', 'latin1'));
    assert.match(message, /it is not UTF-8\n {2}--> config\/cgibox\.yaml:2:17\n/);
    assert.match(message, /save the file as UTF-8/);
  });

  it('is a small file of aliases that would grow without bound', (t) => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 9; n += 1)
      lines.push(
        `a${n}: &a${n} [${Array(9)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
      );
    assert.match(messageFor(t, lines.join('\n')), /its aliases \("\*name"\) are used too often/);
  });

  it('is lists nested ten thousand deep', (t) => {
    assert.match(messageFor(t, `log: ${'['.repeat(10_000)}`), /nested too deeply/);
  });

  it('is a long line: cut around the place, with controls made visible', (t) => {
    const message = messageFor(t, `log: {level: "${'x'.repeat(300)}\u001b[31m", leve: 1}\n`);
    assert.ok(!message.includes('\u001b'));
    assert.ok(message.split('\n').every((line) => line.length < 160));
    assert.match(message, /did you mean "level"\?/);
  });
});

describe('wrong settings in variables and flags', () => {
  it('name the variable or the flag', (t) => {
    const flags = [{ flag: '--port', key: 'server.port', text: '99999' }];
    const environment = { CGIBOX_CGI_TOLERATE: '[foo', CGIBOX_SITE_LISTING: 'yes' };
    const error = errorOf(() => loadIn(temporaryFolder(t), { flags, environment }));
    assert.equal(
      error.message,
      `Cannot read the variable CGIBOX_SITE_LISTING: site.listing must be true or false
  --> the variable CGIBOX_SITE_LISTING
  | yes
  | ^^^ write true or false

error CONFIG_INVALID: Cannot read the variable CGIBOX_CGI_TOLERATE: a bracket, quote or comma is missing
  --> the variable CGIBOX_CGI_TOLERATE
  | [foo
  |     ^ close what was opened before this place

error CONFIG_INVALID: Cannot read --port: server.port must be at most 65535
  --> --port
  | 99999
  | ^^^^^ write a number that is at most 65535`,
    );
  });
});
