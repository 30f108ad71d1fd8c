// Modules without a file, which the body of a package puts into sys.modules: collections.abc since Python 3.13.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { masked, startWarm, type WarmBench } from '../support/warm-launcher.ts';

const PACKAGE = 'import posixpath, sys\nsys.modules[__name__ + ".names"] = names = posixpath\n';
const SCRIPT =
  'import sys\nbefore = "sched.names" in sys.modules\nimport sched\nprint(before, sched.names is sys.modules["posixpath"])\nimport sched.names\nprint("sched.names" in sys.modules, sched.names.join("a", "b"), sched.names is sys.modules["posixpath"])\n';
const AS_COLD = 'False True\nTrue a/b True\n';

describe('a module that the body of a preloaded package makes', () => {
  it('is there with the package, and not before', async (t) => {
    const bench = await startWarm(t);
    assert.equal(await answer(bench, SCRIPT), AS_COLD);
  });

  it("is there also where the script's folder may hold another package of that name", async (t) => {
    const bench = await startWarm(t);
    await mkdir(`${bench.folder}/sched`);
    assert.equal(await answer(bench, SCRIPT), AS_COLD);
  });

  it('is there for what another preloaded module imports', async (t) => {
    const bench = await startWarm(t);
    const getopt = 'from sched.names import join\n';
    assert.equal(await answer(bench, `import getopt\n${SCRIPT}`, { getopt }), AS_COLD.replace('False', 'True'));
  });

  it("is there also where the script's folder holds a file that Python cannot import", async (t) => {
    const bench = await startWarm(t);
    await writeFile(`${bench.folder}/sched.pl`, '');
    assert.equal(await answer(bench, SCRIPT), AS_COLD);
  });

  it("is absent where the script's folder does hold another", async (t) => {
    const bench = await startWarm(t);
    await writeFile(`${bench.folder}/sched.py`, '');
    assert.match(await answer(bench, 'import sched.names\n'), /No module named 'sched\.names'/);
  });

  it('is collections.abc', async (t) => {
    const bench = await startWarm(t);
    await mkdir(`${bench.folder}/collections`);
    const text =
      'import collections, typing\nimport collections.abc\nprint(collections.abc.Sequence, typing.Sequence)\n';
    await answer(bench, text);
  });
});

/** What it writes warm, which is what it writes cold, once the folder has been the same for more than a second. */
async function answer(bench: WarmBench, text: string, modules: Readonly<Record<string, string>> = {}): Promise<string> {
  const library = `${bench.folder}/library`;
  await mkdir(`${library}/sched`, { recursive: true });
  await writeFile(`${library}/sched/__init__.py`, PACKAGE);
  for (const [name, source] of Object.entries(modules)) await writeFile(`${library}/${name}.py`, source);
  const environment = { PYTHONPATH: library, PYTHONDONTWRITEBYTECODE: '1' };
  const command = await bench.command('python3', text, { environment });
  await bench.runWarm(command);
  await new Promise((settle) => setTimeout(settle, 1100));
  const warm = masked(await bench.runWarm(command));
  assert.deepEqual(warm, masked(await bench.run({ ...command, warm: undefined })));
  return warm.stdout + warm.stderr;
}
