// A helper or resident that dies just after a launch: its script, of which Node has not heard, does not run on.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, Launch, Launcher } from '../../server/cgi/launcher.ts';
import { run, shell, started, startForkedLauncher } from '../support/forked-launcher.ts';
import { temporaryFolder } from '../support/start-site.ts';
import { startWarm } from '../support/warm-launcher.ts';

describe('a launch whose helper dies before Node has heard of the script', () => {
  for (const [kind, limits] of [
    ['vfork', {}],
    ['fork', { limits: { cpuSeconds: 60, memoryBytes: null, processes: null, fileSizeBytes: null } }],
  ] as const)
    it(`leaves no script behind (${kind})`, async (t) => {
      const launcher = await startForkedLauncher(t, { helpers: 1, ...limits });
      const helper = Number((await run(launcher, shell('echo $PPID'))).stdout);
      const { file, environment } = await noted(t);
      await assertEnded(launcher, shell(`kill -STOP $PPID; echo $$ > ${file}; exec sleep 60`, { environment }), {
        file,
        helper,
      });
    });

  it('leaves other scripts alone, and daemons', async (t) => {
    const launcher = await startForkedLauncher(t, { helpers: 1 });
    const helper = Number((await run(launcher, shell('echo $PPID'))).stdout);
    const { file, environment } = await noted(t);
    const other = await started(launcher, shell('exec sleep 60'));
    for (const output of [other.stdout, other.stderr]) output.on('error', () => undefined);
    t.after(() => other.signalGroup('SIGKILL'));
    const daemon = `(setsid sh -c "echo \\$\\$ > ${file}.daemon; sleep 9" > /dev/null 2>&1 &)`;
    const line = `kill -STOP $PPID; ${daemon}; while [ ! -s ${file}.daemon ]; do :; done; echo $$ > ${file}; exec sleep 60`;
    await assertEnded(launcher, shell(line, { environment }), { file, helper });
    const left = Number(readFileSync(`${file}.daemon`, 'latin1'));
    await sleep(150);
    assert.ok(isRunning(left) && isRunning(other.pid));
    process.kill(-left, 'SIGKILL');
  });

  const WARM = {
    perl: 'if ($ENV{NOTE}) { kill STOP => getppid; open F, ">", $ENV{NOTE}; print F $$; close F; sleep 60 } print getppid;',
    python3:
      'import os, time\nif os.environ.get("NOTE"):\n  os.kill(os.getppid(), 19)\n  print(os.getpid(), file=open(os.environ["NOTE"], "w"))\n  time.sleep(60)\nprint(os.getppid())',
  };
  for (const language of ['perl', 'python3'] as const)
    it(`leaves no script behind (warm ${language})`, async (t) => {
      const bench = await startWarm(t);
      const command = await bench.command(language, WARM[language]);
      const helper = Number((await bench.runWarm(command)).stdout);
      const { file, environment } = await noted(t);
      const noting = { ...command, environment: { ...command.environment, ...environment, NOTE: file } };
      await assertEnded(bench.launcher, noting, { file, helper });
    });
});

/** A file for the number of a script, and variables as a request has them. */
async function noted(t: TestContext) {
  const file = `${await temporaryFolder(t)}/pid`;
  return { file, environment: { PATH: '/usr/bin:/bin', UNIQUE_ID: file } };
}

interface Killed {
  readonly file: string;
  readonly helper: number;
}

/** The script stops its helper first, and writes its number last; then the helper is killed. */
async function assertEnded(launcher: Launcher, command: Command, { file, helper }: Killed): Promise<void> {
  const launching = launcher.launch(command);
  let launch: Launch | undefined;
  void launching.then((settled) => {
    launch = settled;
  });
  while (launch === undefined && !(existsSync(file) && readFileSync(file).length > 0)) await sleep(5);
  // The helper was faster than the script, on a busy machine: once more.
  if (launch?.kind === 'started') {
    launch.process.signalGroup('SIGKILL');
    process.kill(helper, 'SIGCONT');
    await launch.process.exit;
    await rm(file, { force: true });
    return assertEnded(launcher, command, { file, helper });
  }
  process.kill(helper, 'SIGKILL');
  assert.deepEqual(await launching, { kind: 'failed', errno: 'RUNNER_LOST' });
  const script = Number(readFileSync(file, 'latin1'));
  for (let turn = 0; turn < 40 && isRunning(script); turn += 1) await sleep(50);
  const isLeft = isRunning(script);
  if (isLeft) process.kill(script, 'SIGKILL');
  assert.ok(!isLeft, 'the script runs on');
}

/** A zombie has ended. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
