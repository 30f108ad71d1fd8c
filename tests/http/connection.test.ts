import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connection } from '../../server/http/connection.ts';

const ends = { remotePort: 4000, localPort: 8000 };

describe('the addresses of a connection (RFC 3875 §4.1.8)', () => {
  it('have no zone: fe80::1%eth0 is fe80::1', () => {
    const socket = { ...ends, remoteAddress: 'fe80::2%eth0', localAddress: 'fe80::1%eth0' };
    const seen = connection({ socket, isTls: false, host: undefined, forwarded: undefined });
    assert.deepEqual([seen.remoteAddress, seen.localAddress, seen.serverName], ['fe80::2', 'fe80::1', '[fe80::1]']);
  });
});
