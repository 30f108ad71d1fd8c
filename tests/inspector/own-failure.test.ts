import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startInspected } from './start-inspected.ts';

describe('a mistake of the inspector itself', () => {
  it('is answered with 500, and told to the operator with its stack', async (t) => {
    const { site, mailbox, inspector } = await startInspected(t, {});
    Object.assign(mailbox, {
      list: () => {
        throw new Error('no list');
      },
    });
    const answer = await fetch(`${inspector}/api/mail`);
    assert.deepEqual([answer.status, await answer.json()], [500, { error: 'no list' }]);
    assert.match(
      site.warnings.join('\n'),
      /^the inspector could not answer, the site is not affected: Error: no list\n +at .*own-failure\.test\.ts/,
    );
    assert.equal((await fetch(`${inspector}/api/requests?status=odd`)).status, 400);
    assert.equal(site.warnings.length, 1, 'a mistake of who asks is none of its own');
  });
});
