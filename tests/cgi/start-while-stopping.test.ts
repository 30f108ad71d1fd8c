// A script that is being started when the server stops: its process comes later, and must not be left behind.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Launcher } from '../../server/cgi/launcher.ts';
import { Scripts } from '../../server/cgi/run.ts';
import type { RunObserver } from '../../server/cgi/run-observer.ts';
import { Config } from '../../server/config/schema.ts';
import { startForkedLauncher } from '../support/forked-launcher.ts';
import { untilProcessesIn } from '../support/processes.ts';
import { temporaryFolder } from '../support/start-site.ts';

const DEAF = "trap '' TERM; while :; do sleep 1; done";

describe('a script that is being started', () => {
  for (const how of ['stop', 'kill'] as const)
    it(`is ended as soon as it runs: ${how}`, async (t) => {
      const folder = await temporaryFolder(t);
      const slow = await slowLauncher(t, folder);
      const scripts = new Scripts(Config.parse({ limits: { killAfterSeconds: 1, timeoutSeconds: 20 } }), {
        launcher: slow.launcher,
        serverSoftware: 'cgibox/test',
        environment: {},
        onTolerated: () => {},
      });
      const response = scripts.run(runOf(folder));
      await slow.asked;
      const ended = scripts[how]();
      slow.go();
      await ended;
      await untilProcessesIn(folder, 0);
      const { kind, cause } = { cause: undefined, ...(await response) };
      assert.deepEqual([kind, cause], ['failed', { kind: 'stopping' }]);
    });
});

/** Starts a deaf script, whatever is asked for, when it is told to go. */
async function slowLauncher(t: TestContext, workingDirectory: string) {
  const forked = await startForkedLauncher(t, { helpers: 1 });
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  const { promise: mayGo, resolve: go } = Promise.withResolvers<void>();
  const launcher: Launcher = {
    name: 'forkserver',
    launch: async (command) => {
      onAsked();
      await mayGo;
      return forked.launch({ ...command, file: '/bin/sh', args: ['-c', DEAF], workingDirectory });
    },
    close: () => forked.close(),
  };
  return { launcher, asked, go };
}

const UNWATCHED: RunObserver = {
  found: () => {},
  tolerated: () => {},
  started: () => {},
  stdin: () => {},
  unread: () => {},
  stdout: () => {},
  stderr: () => {},
  header: () => {},
  failed: () => {},
  exited: () => {},
  remark: () => {},
};

function runOf(folder: string) {
  return {
    place: {
      scriptFile: join(folder, 'script'),
      scriptName: '/cgi-bin/script',
      pathInfo: '',
      pathTranslated: undefined,
      documentRoot: folder,
      isExecutable: true,
      head: '#!/bin/sh\n',
    },
    request: {
      id: 'id',
      method: 'GET',
      protocol: 'HTTP/1.1',
      target: { raw: '/cgi-bin/script', path: '/cgi-bin/script', query: undefined, authority: undefined },
      requestUri: '/cgi-bin/script',
      fields: [],
      connection: {
        remoteAddress: '127.0.0.1',
        remotePort: 1,
        localAddress: '127.0.0.1',
        scheme: 'http' as const,
        serverName: 'localhost',
        serverPort: 80,
      },
      redirectedFrom: undefined,
      body: undefined,
    },
    clientGone: new AbortController().signal,
    observer: UNWATCHED,
  };
}
