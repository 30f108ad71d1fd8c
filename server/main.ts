#!/usr/bin/env -S node --max-semi-space-size=4 --max-old-space-size=512
// Starts the process: argv → command → exit code. The only file with effects at the top level.
// The two limits keep the memory flat: with gigabytes to spare V8 lets its heap grow by 100 MB under load before it tidies up.
// Everything else is imported after the check of the version: an older Node would fail on it with a riddle.
// (Before 22.18 Node cannot read this file at all; npm scripts and npx then run the Node 24 of node_modules/.bin.)
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Shell, Stream } from './cli/shell.ts';

const OLDEST_NODE = 24;
const PACKAGE_FOLDER = dirname(dirname(fileURLToPath(import.meta.url)));

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  const found = `this is Node ${process.versions.node} (${process.execPath})`;
  process.stderr.write(`error: cgibox needs Node ${OLDEST_NODE} or newer; ${found}. Start it with: npx cgibox\n`);
  process.exit(3);
}

// TypeScript is stripped and compiled once, not at every start: half the start-up time, and 30 MB less memory.
// Where the folder cannot be written the cache is not kept, and nothing else changes.
enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(PACKAGE_FOLDER, 'node_modules/.cache/cgibox'));

// A script waits for it: nothing else is loaded.
if (process.argv[2] === 'sendmail' && process.argv[3] !== '--help') {
  const { sendmail } = await import('./cli/sendmail.ts');
  process.exit(await sendmail(process.argv.slice(3), process));
}

// In the container image: `docker run cgibox perl -v`. Before the streams below are opened.
if (process.env.CGIBOX_IMAGE === '1') {
  const { becomeNamedProgram } = await import('./cli/program.ts');
  becomeNamedProgram(process.argv.slice(2), process.env);
}

// What scripts and the server write is for the owner to change and for others to read (PRODUCT.md section 6).
process.umask(0o022);

// A reader that leaves early (`cgibox config | head`) is no error; and where nobody can be told, on a full disk, the server goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.stderr.on('error', () => {});

const streamOf = (stream: NodeJS.WriteStream): Stream => ({
  isTerminal: stream.isTTY === true,
  write: (text) => void stream.write(text),
});
const shell: Shell = {
  environment: process.env, // read here once, and passed on
  workingDirectory: process.cwd(),
  temporaryFolder: tmpdir(),
  packageFolder: PACKAGE_FOLDER,
  stdout: streamOf(process.stdout),
  stderr: streamOf(process.stderr),
};

const { runCommand } = await import('./cli/run-command.ts');
const exitCode = await runCommand(process.argv.slice(2), shell);
// A long report may still wait for its reader: leaving now would cut it.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => stream.writableLength === 0 || new Promise<void>((resolve) => stream.write('', () => resolve())),
  ),
);
process.exit(exitCode);
