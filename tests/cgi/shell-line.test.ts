// Copy as a shell line: the line is run by real shells, and what the script then saw is compared byte by byte.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Command } from '../../server/cgi/launcher.ts';
import { shellLine } from '../../server/cgi/shell-line.ts';

// Not yash: it holds no bytes that are no characters of its locale.
const SHELLS = ['sh', 'dash', 'bash', 'zsh', 'ksh', 'mksh'].filter(
  (shell) => spawnSync(shell, ['-c', ':']).status === 0,
);
/** Every byte but NUL, which no variable, argument or path can hold. */
const EVERY_BYTE = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1)).toString('latin1');

/** Shows what it was given: arguments and environment with NUL behind each, then the folder, then stdin. */
const SHOW = `#!/usr/bin/perl
print "$_\\0" for @ARGV; print "=$_\\0" for map { "$_=$ENV{$_}" } sort keys %ENV;
print "\\0", readlink("/proc/self/cwd"), "\\0", umask, "\\0"; binmode STDIN; binmode STDOUT; print <STDIN>;
`;

function folderWith(t: TestContext, name: string): string {
  const root = mkdtempSync(join(tmpdir(), 'cgibox-line-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const folder = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')]);
  mkdirSync(folder);
  const script = Buffer.concat([folder, Buffer.from('/show.pl')]);
  writeFileSync(script, SHOW);
  chmodSync(script, 0o755);
  return folder.toString('latin1');
}

function seen(command: Command, body: Uint8Array): string {
  const variables = Object.entries(command.environment).map(([name, value]) => `=${name}=${value}\0`);
  const head = `${command.args.map((argument) => `${argument}\0`).join('')}${variables.join('')}`;
  return `${head}\0${command.workingDirectory}\0${0o022}\0${Buffer.from(body).toString('latin1')}`;
}

function assertRepeats(command: Command, body: Uint8Array): void {
  const line = shellLine(command, command.hasBody ? body : undefined);
  assert.match(line, /^[\n -~]*$/, 'the line is ASCII');
  for (const shell of SHELLS) {
    const run = spawnSync(shell, ['-c', 'umask 077; exec "$0"', shell], { input: `${line}\n`, maxBuffer: 1e8 });
    assert.equal(run.stderr.toString(), '', shell);
    assert.equal(run.stdout.toString('latin1'), seen(command, command.hasBody ? body : new Uint8Array()), shell);
  }
}

describe('shell line of a run', () => {
  const commandIn = (folder: string, rest: Partial<Command> = {}): Command => ({
    file: `${folder}/show.pl`,
    args: [],
    workingDirectory: folder,
    environment: { PATH: '/usr/bin:/bin', QUERY_STRING: 'a=1&b=%20' },
    hasBody: true,
    ...rest,
  });

  it('reads well where everything is plain', () => {
    const command = commandIn('/site/cgi-bin', { hasBody: false });
    assert.equal(
      shellLine(command, undefined),
      "(cd /site/cgi-bin && umask 022 && env -i PATH=/usr/bin:/bin QUERY_STRING='a=1&b=%20' /site/cgi-bin/show.pl < /dev/null)",
    );
    assert.equal(
      shellLine(commandIn('/s'), Buffer.from("it's 100%")),
      "(cd /s && umask 022 && printf %s 'it'\\''s 100%' | env -i PATH=/usr/bin:/bin QUERY_STRING='a=1&b=%20' /s/show.pl)",
    );
  });

  it('repeats arguments, environment and folder of any bytes', (t) => {
    const folder = folderWith(t, EVERY_BYTE.replace('/', '').slice(0, 200));
    const args = [EVERY_BYTE, '', '-x', '\n', 'ends\n\n', "'", '"$(id)`', '!!'];
    assertRepeats(
      commandIn(folder, { args, environment: { A: EVERY_BYTE, B: '\n\n', C: 'é!\n', D: '' } }),
      Buffer.of(),
    );
  });

  it('repeats a body of any bytes, NUL too', (t) => {
    const everything = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 7) % 256));
    assertRepeats(commandIn(folderWith(t, 'b')), everything);
    assertRepeats(commandIn(folderWith(t, 'b')), Buffer.from('-n \\n %s\n\n'));
  });

  it('runs a file whose path holds an equals sign', (t) => {
    assertRepeats(commandIn(folderWith(t, 'a=b'), { args: ['x'] }), Buffer.from('body'));
  });

  it('gives an empty stdin where there is no body', (t) => {
    assertRepeats(commandIn(folderWith(t, 'n'), { hasBody: false }), Buffer.from('not given'));
  });
});
