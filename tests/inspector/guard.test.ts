// Who may speak to the inspector: DNS rebinding, other pages, and a port that is taken.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { refusalOf } from '../../server/inspector/guard.ts';
import { startInspector } from '../../server/inspector/start-inspector.ts';
import { Mailbox } from '../../server/mail/mailbox.ts';
import { rawClient } from '../support/raw-client.ts';
import { startSite } from '../support/start-site.ts';
import { startInspected } from './start-inspected.ts';

const VISIT = {
  method: 'GET',
  path: '/api/requests',
  host: 'localhost:8001',
  origin: undefined,
  fetchSite: undefined,
  fetchMode: undefined,
  contentType: undefined,
};
const POST = { ...VISIT, method: 'POST', path: '/api/requests/1/replay', contentType: 'application/json' };

describe('the guard of the inspector', () => {
  it('answers only by a name of this machine, on any port', () => {
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:8001', '[::1]:9', '[::1]'])
      assert.equal(refusalOf({ ...VISIT, host }), undefined, host);
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '127.0.0.2', '', undefined])
      assert.match(refusalOf({ ...VISIT, host }) ?? '', /answers only as localhost/, String(host));
  });

  it('takes nothing that changes something from another page', () => {
    assert.equal(refusalOf(POST), undefined);
    assert.equal(refusalOf({ ...POST, origin: 'http://localhost:8001', fetchSite: 'same-origin' }), undefined);
    for (const other of [
      { origin: 'http://evil.example' },
      { origin: 'http://localhost:8000' },
      { origin: 'null' },
      { fetchSite: 'cross-site' },
      { fetchSite: 'same-site' },
    ])
      assert.match(refusalOf({ ...POST, ...other }) ?? '', /a page that is not the inspector/, JSON.stringify(other));
    assert.match(refusalOf({ ...POST, contentType: 'text/plain' }) ?? '', /application\/json/);
    assert.match(refusalOf({ ...POST, contentType: undefined }) ?? '', /application\/json/);
  });

  it('lets a link lead to a page, but no other page read the API', () => {
    const link = { ...VISIT, fetchSite: 'cross-site', fetchMode: 'navigate' };
    for (const path of ['/', '/r/1-a', '/compare/1/2', '/scripts', '/mail', '/mail/3'])
      assert.equal(refusalOf({ ...link, path }), undefined, path);
    for (const path of ['/%61pi/smoke', '/r/%2e%2e/api/smoke', '/API/smoke', '//api/smoke', '/apix'])
      assert.notEqual(refusalOf({ ...link, path }), undefined, path);
    assert.notEqual(refusalOf(link), undefined);
    assert.notEqual(refusalOf({ ...VISIT, path: '/r/1', fetchSite: 'cross-site', fetchMode: 'no-cors' }), undefined);
  });

  it('refuses a foreign Host over the wire, whatever is asked for', async (t) => {
    const { inspector } = await startInspected(t, {});
    for (const path of ['/', '/api/requests', '/api/events', '/assets/app.js', '/nothing']) {
      const client = await rawClient(
        Number(new URL(inspector).port),
        `GET ${path} HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
      );
      assert.equal((await client.answer()).status, 403, path);
      client.leave();
    }
  });

  it('sends a policy without inline script, and forbids framing', async (t) => {
    const { inspector } = await startInspected(t, {});
    const answer = await fetch(`${inspector}/`);
    const policy = answer.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.doesNotMatch(await answer.text(), /<script(?![^>]* src=)|<style|style=| on\w+=/);
  });

  it('tells other origins nothing but that a file has changed', async (t) => {
    const { inspector, site, recorded } = await startInspected(t, { 'cgi-bin/bad': '#!/bin/sh\necho bad\n' });
    await site.get('/cgi-bin/bad');
    const { id } = await recorded('/cgi-bin/bad');
    const changes = await fetch(`${inspector}/api/requests/${id}/changes`, { headers: { Origin: site.url } });
    assert.equal(changes.headers.get('access-control-allow-origin'), '*');
    assert.match(await changes.text(), /^[\d. -]+$/);
    const detail = await fetch(`${inspector}/api/requests/${id}`, { headers: { Origin: site.url } });
    assert.equal(detail.status, 403);
    assert.equal(detail.headers.get('access-control-allow-origin'), null);
  });
});

describe('a port of the inspector that is taken', () => {
  it('is a clear warning, and the site goes on', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((go) => other.once('listening', go));
    t.after(() => other.close());
    const { port } = other.address() as { port: number };
    const site = await startSite(t, { 'public/a.txt': 'a' }, { inspector: { port } });
    const { history } = site.server;
    assert.ok(history);
    const warnings: string[] = [];
    const unreachable = () => Promise.reject(new Error('the inspector does not run'));
    const running = await startInspector(
      {
        url: site.url,
        history,
        mailbox: new Mailbox(1),
        config: () => site.server.config,
        configFile: undefined,
        findings: async () => [],
        smokeTests: { asText: unreachable, save: unreachable },
        environment: {},
        software: 'cgibox/test',
      },
      (line) => void warnings.push(line),
    );
    assert.equal(running, undefined);
    assert.deepEqual(warnings, [
      `the inspector is off, the site is not affected: cannot listen on "127.0.0.1:${port}": another program uses that port; set inspector.port to another one (0 lets the system choose), or inspector.enabled to false`,
    ]);
    assert.equal(await (await site.get('/a.txt')).text(), 'a');
  });
});
