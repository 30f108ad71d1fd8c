// A background child that holds stdout: the answer ends at end of file, or shortly after the script's exit.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { processesIn, untilProcessesIn } from '../support/processes.ts';
import { rawClient, requestText } from '../support/raw-client.ts';
import { sh, startSite } from '../support/start-site.ts';

const HEADER = `printf 'Content-Type: text/plain\\n\\n'`;

describe('a background child that holds stdout', { concurrency: 4 }, () => {
  it('does not hold the answer for longer than a second after the exit', async (t) => {
    const site = await startSite(t, { 'cgi-bin/leaves': sh`${HEADER}; printf done; sleep 4 &` });
    const before = Date.now();
    assert.equal(await (await site.get('/cgi-bin/leaves')).text(), 'done');
    const took = Date.now() - before;
    assert.ok(took > 900 && took < 3500, `${took} ms`);
  });

  it('is explained in the log, and left alone', async (t) => {
    const site = await startSite(t, { 'cgi-bin/leaves': sh`${HEADER}; printf done; sleep 4 &` });
    assert.equal(await (await site.get('/cgi-bin/leaves')).text(), 'done');
    assert.match(JSON.stringify(await site.logged('/cgi-bin/leaves')), /background process/);
    assert.equal((await processesIn(site.folder)).length, 1);
    await untilProcessesIn(site.folder, 0);
  });

  it('may go on with the answer as long as it speaks', async (t) => {
    const site = await startSite(t, {
      'cgi-bin/speaks': sh`${HEADER}; (for n in 1 2 3 4 5; do sleep 0.4; printf $n; done) &`,
    });
    assert.equal(await (await site.get('/cgi-bin/speaks')).text(), '12345');
  });

  it('keeps the connection usable', async (t) => {
    const site = await startSite(t, { 'cgi-bin/leaves': sh`${HEADER}; printf done; sleep 3 &` });
    const client = await rawClient(site.port, requestText('GET /cgi-bin/leaves').repeat(2));
    assert.equal((await client.answer()).body, 'done');
    assert.equal((await client.answer()).body, 'done');
  });

  it('that holds only stderr does not hold the answer at all', async (t) => {
    const site = await startSite(t, { 'cgi-bin/moans': sh`${HEADER}; printf done; sleep 3 >/dev/null &` });
    const before = Date.now();
    assert.equal(await (await site.get('/cgi-bin/moans')).text(), 'done');
    assert.ok(Date.now() - before < 900);
  });

  it('leaves a failure a failure where there was no header', async (t) => {
    const site = await startSite(t, { 'cgi-bin/fails': sh`sleep 4 & exit 3` });
    const before = Date.now();
    assert.equal((await site.get('/cgi-bin/fails')).status, 500);
    assert.ok(Date.now() - before < 3500);
  });
});
