import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { runCgibox } from './cgibox-process.ts';

describe('help and version', () => {
  it('tells of sendmail too, which takes no other flag of ours', async (t) => {
    const help = await runCgibox(t, ['sendmail', '--help']);
    assert.deepEqual([help.code, help.stderr], [0, '']);
    assert.match(help.stdout, /^Usage: cgibox sendmail /);
  });

  it('are results: on stdout, exit code 0', async (t) => {
    const help = await runCgibox(t, ['--help']);
    assert.deepEqual([help.code, help.stderr], [0, '']);
    for (const command of ['serve [SITE]', 'config [SITE]', 'health [SITE]']) assert.ok(help.stdout.includes(command));
    const version = await runCgibox(t, ['--version']);
    const { version: expected } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    assert.deepEqual(version, { code: 0, stdout: `cgibox ${expected}\n`, stderr: '' });
  });
});

describe('mistakes of the operator', () => {
  it('are told on stderr: usage, exit code 2', async (t) => {
    assert.deepEqual(await runCgibox(t, ['serve', '--prot', '1']), {
      code: 2,
      stdout: '',
      stderr: 'error USAGE: Cannot read "--prot": there is no such flag\n  hint: did you mean --port?\n',
    });
  });

  it('are told on stderr: configuration, exit code 2', async (t) => {
    const folder = temporaryFolder(t, { 'config/cgibox.yaml': 'limits:\n  timeoutSeconds: soon\n  runing: 3\n' });
    assert.deepEqual(await runCgibox(t, ['serve'], { folder }), {
      code: 2,
      stdout: '',
      stderr: `error CONFIG_INVALID: Cannot read config/cgibox.yaml: limits.timeoutSeconds must be a number
  --> config/cgibox.yaml:2:19
 2 |   timeoutSeconds: soon
   |                   ^^^^ write seconds as a number, for example 30

error CONFIG_INVALID: Cannot read config/cgibox.yaml: "runing" is not a key of limits
  --> config/cgibox.yaml:3:3
 3 |   runing: 3
   |   ^^^^^^ did you mean "running"?
`,
    });
  });

  it('are told on stderr: a site that is not there, exit code 3', async (t) => {
    assert.deepEqual(await runCgibox(t, ['./absent'], { folder: temporaryFolder(t) }), {
      code: 3,
      stdout: '',
      stderr:
        'error SITE_UNUSABLE: Cannot serve "./absent": there is no such folder\n' +
        '  hint: give the folder of the site: cgibox serve FOLDER\n',
    });
  });
});

describe('cgibox config', () => {
  it('shows each value with its origin, warnings on stderr', async (t) => {
    const folder = temporaryFolder(t, { 'cgibox.yaml': 'log:\n  level: warn\n' });
    const environment = { CGIBOX_PORT: '81', CGIBOX_LOG_LEVLE: 'x' };
    const { code, stdout, stderr } = await runCgibox(t, ['config'], { folder, environment });
    assert.equal(code, 0);
    assert.match(stdout, /^ {2}level: warn # cgibox\.yaml:2$/m);
    assert.match(stdout, /^ {2}port: 81 # CGIBOX_PORT$/m);
    assert.equal(stderr, 'warning: the variable CGIBOX_LOG_LEVLE sets nothing: did you mean CGIBOX_LOG_LEVEL?\n');
  });

  it('is JSON when asked', async (t) => {
    const { stdout } = await runCgibox(t, ['config', '--json', '--port', '82'], { folder: temporaryFolder(t) });
    const { config, origins } = JSON.parse(stdout);
    assert.deepEqual([config.server.port, origins['server.port']], [82, '--port']);
  });

  it('only checks with --check', async (t) => {
    const folder = temporaryFolder(t, { 'good.yaml': '', 'bad.yaml': 'x: 1\n' });
    const good = await runCgibox(t, ['config', '--check', '--config', 'good.yaml'], { folder });
    assert.deepEqual(good, { code: 0, stdout: `${folder}/good.yaml: good\n`, stderr: '' });
    const bad = await runCgibox(t, ['config', '--check', '--config', 'bad.yaml'], { folder });
    assert.deepEqual([bad.code, bad.stdout], [2, '']);
    assert.match(bad.stderr, /^ {2}--> bad\.yaml:1:1$/m);
  });

  it('prints the JSON Schema with --schema', async (t) => {
    const { stdout } = await runCgibox(t, ['config', '--schema']);
    assert.equal(JSON.parse(stdout).title, 'cgibox');
  });
});

/** A server that answers everything with one status, and remembers what it was asked. */
async function answering(t: TestContext, status: number): Promise<{ readonly port: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { port: String((server.address() as AddressInfo).port), asked };
}

describe('cgibox health', () => {
  it('asks OPTIONS * and is content with an answer', async (t) => {
    const { port, asked } = await answering(t, 204);
    const { code, stdout, stderr } = await runCgibox(t, ['health', '--host', '0.0.0.0', '--port', port]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^http://127\\.0\\.0\\.1:${port} answers in \\d+ ms\n$`));
    assert.deepEqual(asked, ['OPTIONS *']);
  });

  it('ends with 1 when the answer is an error', async (t) => {
    const { port } = await answering(t, 503);
    const { code, stdout, stderr } = await runCgibox(t, ['health', '--port', port]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(stderr, `http://127.0.0.1:${port} is not healthy: it answered with status 503\n`);
  });

  it('ends with 1 when nothing listens, told as JSON when asked', async (t) => {
    const { code, stdout } = await runCgibox(t, ['health', '--port', '9', '--json']);
    assert.equal(code, 1);
    const { milliseconds, ...told } = JSON.parse(stdout);
    assert.deepEqual(told, { ok: false, url: 'http://127.0.0.1:9', reason: 'nothing listens there' });
    assert.equal(typeof milliseconds, 'number');
  });

  it('gives up on a server that accepts and is silent', async (t) => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const { code, stderr } = await runCgibox(t, ['health', '--port', String((server.address() as AddressInfo).port)]);
    assert.equal(code, 1);
    assert.match(stderr, /is not healthy: no answer in time/);
  });

  it('cannot ask a port that the system chose', async (t) => {
    const { code, stderr } = await runCgibox(t, ['health', '--port', '0']);
    assert.equal(code, 2);
    assert.match(stderr, /^error USAGE: Cannot ask port "0"/);
  });
});
