import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { CgiboxError } from '../../server/errors.ts';
import { SHOW_ENVIRONMENT, seen } from '../support/script-environment.ts';
import { startSite } from '../support/start-site.ts';

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.family === 'IPv6');

async function refusal(t: Parameters<typeof startSite>[0], server: { host: string; port: number }) {
  const error = await startSite(t, {}, { server }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CgiboxError, String(error));
  return error.code;
}

describe('the address of the server', () => {
  it('may be IPv6', { skip: hasIpv6 ? false : 'this machine has no IPv6 address' }, async (t) => {
    const site = await startSite(t, { 'cgi-bin/env': SHOW_ENVIRONMENT }, { server: { host: '::1', port: 0 } });
    assert.match(site.url, /^http:\/\/\[::1\]:\d+$/);
    const { environment } = seen(Buffer.from(await (await site.get('/cgi-bin/env')).arrayBuffer()));
    const { REMOTE_ADDR, SERVER_ADDR, SERVER_NAME } = environment;
    assert.deepEqual([REMOTE_ADDR, SERVER_ADDR, SERVER_NAME], ['::1', '::1', '[::1]']);
  });

  it('shows an IPv4 client as IPv4 where the socket speaks both', { skip: hasIpv6 ? false : 'no IPv6' }, async (t) => {
    const site = await startSite(t, { 'cgi-bin/env': SHOW_ENVIRONMENT }, { server: { host: '::', port: 0 } });
    const response = await fetch(`http://127.0.0.1:${site.port}/cgi-bin/env`);
    const { environment } = seen(Buffer.from(await response.arrayBuffer()));
    assert.deepEqual([environment.REMOTE_ADDR, environment.SERVER_ADDR], ['127.0.0.1', '127.0.0.1']);
  });

  it('is refused with a clear error where the port is taken or the address is not here', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await new Promise((settle) => other.once('listening', settle));
    const { port } = other.address() as { port: number };
    assert.equal(await refusal(t, { host: '127.0.0.1', port }), 'PORT_TAKEN');
    assert.equal(await refusal(t, { host: '192.0.2.1', port: 0 }), 'ADDRESS_UNAVAILABLE');
    assert.equal(await refusal(t, { host: 'no-such-host.invalid', port: 0 }), 'ADDRESS_UNAVAILABLE');
  });
});
