// Scripts that do what no script should: each gets its answer or failure, and the next request is answered.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Config } from '../../server/config/schema.ts';
import { processesIn, untilProcessesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const limits = { ...Config.parse({}).limits, timeoutSeconds: 3, killAfterSeconds: 1 };
const HEADER = `printf 'Content-Type: text/plain\\n\\n'`;

/** For as long as the file is there. */
const FLOOD = `yes '' >&2 & flood=$!; while [ -e flooding ]; do sleep 0.1; done; kill $flood;`;

const FAILING: Readonly<Record<string, string>> = {
  'kills itself': sh`kill -9 $$`,
  'kills its whole group': sh`kill -9 0`,
  'closes everything and ends': sh`exec <&- >&- 2>&-; exit 0`,
  'closes everything and goes on': sh`exec <&- >&- 2>&-; sleep 60`,
  'prints only NULs': sh`head -c 100000 /dev/zero`,
  'prints only line ends': sh`head -c 1000 /dev/zero | tr '\\0' '\\n'`,
  'prints only noise': sh`head -c 100000 /dev/urandom`,
  'prints half a header': sh`printf 'Content-Type: text/pl'`,
  'prints a status line': sh`printf 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n'`,
  'injects a header with a bare CR': sh`printf 'Content-Type: text/plain\rX-Injected: yes\n\nbody'`,
  'names a header with a space': sh`printf 'X Name: value\nContent-Type: text/plain\n\nbody'`,
  'folds a header': sh`printf 'X-A: a\n b\nContent-Type: text/plain\n\nbody'`,
  'gives a status of 100': sh`printf 'Status: 100 Continue\n\n'`,
  'gives a status of 99999': sh`printf 'Status: 99999\n\n'`,
  'redirects to nowhere': sh`printf 'Location: \n\n'`,
  'redirects to itself': sh`printf 'Location: %s\n\n' "$SCRIPT_NAME"`,
  'redirects with a NUL': sh`printf 'Location: /%%00\n\n'`,
  'fills stderr and ends': sh`head -c 5000000 /dev/urandom >&2; exit 1`,
  'stops itself': sh`kill -STOP $$`,
  'makes itself unreadable': sh`chmod 0 "$0"; exit 1`,
  'deletes itself': sh`rm -- "$0"; exit 1`,
};

const ANSWERING: Readonly<Record<string, string>> = {
  'crashes behind its answer': sh`${HEADER}; printf done; kill -SEGV $$`,
  'fails behind its answer': sh`${HEADER}; printf done; exit 3`,
  'writes its header byte by byte': sh`for c in C o n t e n t - T y p e : t e x t / p l a i n; do printf $c; done; printf '\n'; printf '\n'; printf done`,
  'removes its folder': sh`${HEADER}; rm -r ../cgi-bin; printf done`,
  'prints 1000 fields': sh`printf 'Content-Type: text/plain\n'; for n in $(seq 999); do echo "X-$n: x"; done; printf '\ndone'`,
};

describe('a hostile script', { concurrency: 6 }, () => {
  for (const [what, script] of Object.entries(FAILING))
    it(`that ${what} is a failure, and the next request is answered`, async (t) => {
      const files = { 'cgi-bin/hostile': script, 'cgi-bin/hello': sh`${HEADER}; printf hello` };
      const site = await startSite(t, files, { limits });
      const client = await rawClient(
        site.port,
        requestText('GET /cgi-bin/hostile') + requestText('GET /cgi-bin/hello'),
      );
      const answer = await client.answer();
      assert.ok([400, 500, 504].includes(answer.status), answer.head);
      assert.doesNotMatch(answer.head, /injected/i);
      assert.equal((await client.answer()).body, 'hello');
      await untilProcessesIn(site.folder, 0);
    });

  for (const [what, script] of Object.entries(ANSWERING))
    it(`that ${what} is answered, and the next request too`, async (t) => {
      const files = { 'cgi-bin/hostile': script, 'public/page.txt': 'page' };
      const site = await startSite(t, files, { limits });
      const client = await rawClient(site.port, requestText('GET /cgi-bin/hostile') + requestText('GET /page.txt'));
      assert.equal((await client.answer()).body, 'done');
      assert.equal((await client.answer()).body, 'page');
      await untilProcessesIn(site.folder, 0);
    });

  it('in many copies at once leaves every good one its answer', async (t) => {
    const files = {
      'cgi-bin/crash': sh`kill -9 $$`,
      'cgi-bin/silent': sh`sleep 60`,
      'cgi-bin/noise': sh`head -c 300000 /dev/urandom`,
      'cgi-bin/good': sh`${HEADER}; printf '%s' "$QUERY_STRING"`,
    };
    const site = await startSite(t, files, { limits: { ...limits, timeoutSeconds: 1 } });
    const hostile = ['crash', 'silent', 'noise'].flatMap((name) => Array<string>(10).fill(`/cgi-bin/${name}`));
    const failures = hostile.map(async (path) => (await site.get(path)).status);
    const answers = Array.from({ length: 30 }, async (_, n) => (await site.get(`/cgi-bin/good?${n}`)).text());
    assert.deepEqual(
      await Promise.all(answers),
      Array.from({ length: 30 }, (_, n) => String(n)),
    );
    assert.ok((await Promise.all(failures)).every((status) => status >= 500));
    await untilProcessesIn(site.folder, 0);
  });

  for (const [who, start] of Object.entries({
    script: FLOOD,
    'background child of a script': `(${FLOOD}) >/dev/null &`,
  }))
    it(`whose ${who} floods stderr neither keeps others waiting nor fills the log`, async (t) => {
      const files = {
        'cgi-bin/flooding': '',
        'cgi-bin/flood': sh`${HEADER}; ${start} echo done`,
        'cgi-bin/hello': sh`${HEADER}; printf hello`,
      };
      const site = await startSite(t, files, { limits: { ...limits, timeoutSeconds: 30 } });
      const begun = performance.now();
      const flood = site.get('/cgi-bin/flood').then((response) => response.text());
      const lines = () => site.log.filter((line) => line.includes('"script":"/cgi-bin/flood","stderr"'));
      // Into the second burst of lines, with the news of those between.
      while (lines().length < 1010) assert.equal(await (await site.get('/cgi-bin/hello')).text(), 'hello');
      assert.ok((await processesIn(site.folder)).length > 0, 'the flood goes on');
      await rm(join(site.folder, 'cgi-bin/flooding'));
      assert.equal(await flood, 'done\n');
      await untilProcessesIn(site.folder, 0);
      const most = 1500 + (performance.now() - begun) / 4;
      assert.ok(lines().length < most, `${lines().length} lines, at most ${most}`);
      assert.match(lines().join('\n'), /\[cgibox: \d{5,} lines of stderr left out; a request may log 100 a second\]/);
    });
});
