// A mend as it is meant where it is shown: in the image, and with the configuration file that is read.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configuration, install, mendIn } from '../../server/diagnosis/refinement.ts';

const MENDS = [install('libgd-perl'), configuration('cgi:', '  warm: []'), 'chmod +x a'];

describe('mendIn', () => {
  it('installs packages with the build of the image', () => {
    const [line] = mendIn({ isInImage: true }, MENDS);
    assert.equal(line, 'EXTRA_PACKAGES=libgd-perl docker compose build   # with those that were named before');
  });

  it('names the configuration file that is read', () => {
    const mends = mendIn({ configFile: '/site/cgibox.yaml', isInImage: false }, MENDS);
    assert.deepEqual(mends, [MENDS[0], '# /site/cgibox.yaml\ncgi:\n  warm: []', MENDS[2]]);
  });
});
