// Where memory is short the kernel ends a script, and not the server (proc_pid_oom_score_adj(5)).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createDirectLauncher } from '../../server/cgi/launch-direct.ts';
import { run, shell, startForkedLauncher } from '../support/forked-launcher.ts';
import { startWarm } from '../support/warm-launcher.ts';

const OWN = Number(readFileSync('/proc/self/oom_score_adj', 'latin1'));
const EXPECTED = `${Math.max(OWN, 500)}\n`;
const SHOW_LATER = shell('sleep 0.3; exec cat /proc/self/oom_score_adj');

describe('a script where memory is short', () => {
  it('is ended before the server, from the fork server', async (t) => {
    const launcher = await startForkedLauncher(t);
    assert.equal((await run(launcher, shell('cat /proc/self/oom_score_adj'))).stdout, EXPECTED);
  });

  it('is ended before the server, started directly', async () => {
    assert.equal((await run(createDirectLauncher(), SHOW_LATER)).stdout, EXPECTED);
  });

  it('is ended before the server, from a warm perl', async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command('perl', 'open my $f, "<", "/proc/self/oom_score_adj"; print <$f>;');
    assert.equal((await bench.runWarm(command)).stdout, EXPECTED);
  });

  it('is ended before the server, from a warm python3', async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command('python3', 'print(open("/proc/self/oom_score_adj").read(), end="")');
    assert.equal((await bench.runWarm(command)).stdout, EXPECTED);
  });
});
