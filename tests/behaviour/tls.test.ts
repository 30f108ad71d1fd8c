import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { CgiboxError } from '../../server/errors.ts';
import { SHOW_ENVIRONMENT, seen } from '../support/script-environment.ts';
import { startSite, temporaryFolder } from '../support/start-site.ts';

const certificate = resolve('tests/fixtures/tls/certificate.pem');
const key = resolve('tests/fixtures/tls/key.pem');

function fetchOver(url: string): Promise<Buffer> {
  return new Promise((settle, reject) => {
    get(url, { ca: readFileSync(certificate) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => settle(Buffer.concat(chunks)));
    }).on('error', reject);
  });
}

describe('server.tls', () => {
  const server = { port: 0, tls: { certificate, key } };

  it('serves HTTPS, and scripts see HTTPS=on', async (t) => {
    const site = await startSite(t, { 'cgi-bin/env': SHOW_ENVIRONMENT, 'public/a.txt': 'page' }, { server });
    assert.match(site.url, /^https:/);
    const { environment } = seen(await fetchOver(`${site.url}/cgi-bin/env?x`));
    const { HTTPS, REQUEST_SCHEME, SERVER_PORT } = environment;
    assert.deepEqual([HTTPS, REQUEST_SCHEME, SERVER_PORT], ['on', 'https', String(site.port)]);
    assert.equal((await fetchOver(`${site.url}/a.txt`)).toString(), 'page');
  });

  it('refuses to start without its files, with files that are no PEM, or that do not belong together', async (t) => {
    const folder = await temporaryFolder(t);
    const other = join(folder, 'other.pem');
    writeFileSync(other, 'no PEM');
    for (const tls of [
      { certificate, key: join(folder, 'absent') },
      { certificate: other, key },
      { certificate, key: certificate },
    ]) {
      await assert.rejects(startSite(t, {}, { server: { port: 0, tls } }), (error) => {
        assert.ok(error instanceof CgiboxError);
        assert.equal(error.code, 'TLS_UNUSABLE');
        return true;
      });
    }
  });
});
