import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settingsOfEnvironment } from '../../server/config/environment.ts';
import { KEYS } from '../../server/config/keys.ts';
import { loadIn } from './loading.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('settings from variables (PRODUCT.md section 3)', () => {
  it('has a variable for every key', (t) => {
    const defaults = loadIn(temporaryFolder(t)).config;
    const environment = Object.fromEntries(
      KEYS.map((key) => {
        const section: Readonly<Record<string, unknown>> = defaults[key.section];
        const value = section[key.name];
        return [key.variable, typeof value === 'string' ? value : JSON.stringify(value)];
      }),
    );
    const loaded = loadIn(temporaryFolder(t), { environment });
    assert.deepEqual(loaded.config, defaults);
    assert.deepEqual(loaded.warnings, []);
    for (const key of KEYS) assert.equal(loaded.origins[key.path], key.variable);
  });

  it('writes camelCase as SNAKE_CASE', () => {
    const names = KEYS.map((key) => key.variable);
    for (const name of ['CGIBOX_LIMITS_TIMEOUT_SECONDS', 'CGIBOX_MAIL_SMTP_PORTS', 'CGIBOX_SERVER_TLS'])
      assert.ok(names.includes(name), name);
  });

  it('reads scalars plain, and lists and maps as YAML or JSON', (t) => {
    const environment = {
      CGIBOX_SITE_DOCUMENT_ROOT: '/123',
      CGIBOX_SITE_LISTING: 'false',
      CGIBOX_LIMITS_BODY_BYTES: '2mb',
      CGIBOX_LIMITS_CPU_SECONDS: 'null',
      CGIBOX_CGI_WARM: '[perl, python3]',
      CGIBOX_CGI_SCRIPT_ALIAS: '{"/a/": "/srv/a"}',
      CGIBOX_SERVER_HOST: '::',
    };
    const { server, site, limits, cgi } = loadIn(temporaryFolder(t), { environment }).config;
    assert.equal(server.host, '::');
    assert.deepEqual([site.documentRoot, site.listing], ['/123', false]);
    assert.deepEqual([limits.bodyBytes, limits.cpuSeconds], [2_097_152, null]);
    assert.deepEqual(cgi.warm, ['perl', 'python3']);
    assert.deepEqual(cgi.scriptAlias, { '/a/': '/srv/a' });
  });

  it('has short forms, which the long ones overrule', (t) => {
    const environment = { CGIBOX_HOST: '0.0.0.0', CGIBOX_PORT: '1', CGIBOX_SERVER_PORT: '2' };
    const { config, origins } = loadIn(temporaryFolder(t), { environment });
    assert.deepEqual([config.server.host, config.server.port], ['0.0.0.0', 2]);
    assert.deepEqual([origins['server.host'], origins['server.port']], ['CGIBOX_HOST', 'CGIBOX_SERVER_PORT']);
  });

  it('takes an empty variable for none', () => {
    const settings = settingsOfEnvironment({ CGIBOX_PORT: '', CGIBOX_LOG_LEVEL: '' });
    assert.deepEqual(settings, { overrides: [], problems: [], warnings: [] });
  });

  it('warns of variables that set nothing', () => {
    const { warnings } = settingsOfEnvironment({ CGIBOX_PROT: '1', CGIBOX_QUITE_ANOTHER_THING: '1', PATH: '/bin' });
    assert.deepEqual(warnings, [
      'the variable CGIBOX_PROT sets nothing: did you mean CGIBOX_PORT?',
      'the variable CGIBOX_QUITE_ANOTHER_THING sets nothing: unset it, or see "cgibox config"',
    ]);
  });
});
