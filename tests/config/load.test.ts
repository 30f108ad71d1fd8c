import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { errorOf, loadIn, SHIPPED_FILE } from './loading.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('sources of the configuration (PRODUCT.md section 3)', () => {
  it('lets flags win over environment over file over defaults', (t) => {
    const folder = temporaryFolder(t, { 'cgibox.yaml': 'server:\n  host: ::1\n  port: 1111\n  graceSeconds: 9\n' });
    const flags = [{ flag: '--port', key: 'server.port', text: '3333' }];
    const environment = { CGIBOX_SERVER_PORT: '2222', CGIBOX_SERVER_GRACE_SECONDS: '8' };
    const { config, origins } = loadIn(folder, { flags, environment });
    assert.deepEqual(config.server, { host: '::1', port: 3333, trustProxy: false, graceSeconds: 8, tls: null });
    assert.equal(origins['server.host'], 'cgibox.yaml:2');
    assert.equal(origins['server.port'], '--port');
    assert.equal(origins['server.graceSeconds'], 'CGIBOX_SERVER_GRACE_SECONDS');
    assert.equal(origins['server.trustProxy'], 'default');
  });

  it('replaces lists and maps, but lays interpreters and shebangs over the defaults', (t) => {
    const text = 'cgi:\n  addHandler: [.cgi]\n  scriptAlias: {/x/: x}\n  interpreters: {.pl: /opt/perl, .lua: lua}\n';
    const { cgi } = loadIn(temporaryFolder(t, { 'cgibox.yaml': text })).config;
    assert.deepEqual(cgi.addHandler, ['.cgi']);
    assert.deepEqual(Object.keys(cgi.scriptAlias), ['/x/']);
    assert.equal(cgi.interpreters['.pl'], '/opt/perl');
    assert.equal(cgi.interpreters['.lua'], 'lua');
    assert.equal(cgi.interpreters['.py'], 'python3');
  });

  it('merges a map of a variable over that of the file', (t) => {
    const folder = temporaryFolder(t, { 'cgibox.yaml': 'cgi:\n  shebangs: {/a: perl}\n' });
    const { cgi } = loadIn(folder, { environment: { CGIBOX_CGI_SHEBANGS: '{"/b": "python3"}' } }).config;
    assert.deepEqual(cgi.shebangs, { '/a': 'perl', '/b': 'python3' });
  });

  it('takes --config before CGIBOX_CONFIG before the working directory', (t) => {
    const folder = temporaryFolder(t, {
      'a.yaml': 'server: {port: 1}\n',
      'b.yaml': 'server: {port: 2}\n',
      'config/cgibox.yaml': 'server: {port: 3}\n',
    });
    const environment = { CGIBOX_CONFIG: 'b.yaml' };
    assert.equal(loadIn(folder, { file: 'a.yaml', environment }).config.server.port, 1);
    assert.equal(loadIn(folder, { environment }).config.server.port, 2);
    assert.equal(loadIn(folder).config.server.port, 3);
  });

  it('does not read config/cgibox.yaml of a SITE, and says what to do with it', (t) => {
    const folder = temporaryFolder(t, { 'config/cgibox.yaml': '', 'index.html': '' });
    const { file, warnings } = loadIn(folder, { site: '.' });
    assert.equal(file, undefined);
    const mend = `move it to ${folder}/cgibox.yaml, without site.root, or give it to --config`;
    assert.deepEqual(warnings, [`${folder}/config/cgibox.yaml is not read: ${mend}`]);
  });

  it("reads config/cgibox.yaml where SITE is cgibox's own folder, as without SITE", (t) => {
    const own = { 'config/cgibox.schema.json': '{}', 'server/main.ts': '', 'index.html': '' };
    const folder = temporaryFolder(t, { ...own, 'config/cgibox.yaml': 'limits: {running: 3}\n' });
    const { file, config, warnings } = loadIn(folder, { site: '.' });
    assert.deepEqual([file, config.limits.running, warnings], [join(folder, 'config/cgibox.yaml'), 3, []]);
    assert.deepEqual([config.site.root, config.site.documentRoot], [folder, join(folder, 'public')]);
  });

  it('falls back on the shipped file', (t) => {
    const loaded = loadIn(temporaryFolder(t));
    assert.equal(loaded.file, SHIPPED_FILE);
    assert.equal(loaded.config.site.documentRoot, join(SHIPPED_FILE, '../../public'));
  });
});

describe('relative paths of the configuration (PRODUCT.md section 4)', () => {
  it('start at site.root, which starts at the file', (t) => {
    const text = `server: {tls: {certificate: tls/a.pem, key: /etc/b.pem}}
site: {root: ../old, documentRoot: htdocs}
cgi:
  scriptAlias: {/cgi-bin/: scripts}
  interpreters: {.pl: bin/perl, .py: python3}
  environment: {DATA: "\${SITE}/data"}
  perScript: {"*.cgi": {interpreter: ./run, environment: {HERE: "\${SITE}"}}}
`;
    const folder = temporaryFolder(t, { 'etc/cgibox.yaml': text });
    const { server, site, cgi } = loadIn(folder, { file: 'etc/cgibox.yaml' }).config;
    const root = join(folder, 'old');
    assert.deepEqual(server.tls, { certificate: `${root}/tls/a.pem`, key: '/etc/b.pem' });
    assert.equal(site.root, root);
    assert.equal(site.documentRoot, `${root}/htdocs`);
    assert.deepEqual(cgi.scriptAlias, { '/cgi-bin/': `${root}/scripts` });
    assert.equal(cgi.interpreters['.pl'], `${root}/bin/perl`);
    assert.equal(cgi.interpreters['.py'], 'python3');
    assert.deepEqual(cgi.environment, { DATA: `${root}/data` });
    assert.deepEqual(cgi.perScript['*.cgi'], { interpreter: `${root}/run`, environment: { HERE: root } });
  });

  it('leaves site.root out: the folder above "config", else the folder of the file', (t) => {
    const folder = temporaryFolder(t, { 'config/cgibox.yaml': '', 'site/cgibox.yaml': '' });
    assert.equal(loadIn(folder).config.site.root, folder);
    assert.equal(loadIn(folder, { file: 'site/cgibox.yaml' }).config.site.root, join(folder, 'site'));
  });

  it('takes site.root of a variable from the working directory', (t) => {
    const folder = temporaryFolder(t, { 'etc/a.yaml': '' });
    const environment = { CGIBOX_SITE_ROOT: 'old' };
    assert.equal(loadIn(folder, { file: 'etc/a.yaml', environment }).config.site.root, join(folder, 'old'));
  });
});

describe('what a configuration file may hold', () => {
  it('is nothing, comments or empty sections: the defaults', (t) => {
    for (const text of [
      '',
      '\n',
      '# only\n',
      '---\n',
      'site:\n  # root: x\nlimits:\n',
      '\uFEFFlimits: {running: 32}\n',
    ]) {
      const { limits } = loadIn(temporaryFolder(t, { 'cgibox.yaml': text })).config;
      assert.equal(limits.running, 32, JSON.stringify(text));
    }
  });

  it('is anchors and aliases, JSON, and sizes in any unit', (t) => {
    const yaml = 'site: {deny: &x [/a/**]}\nlimits: {bodyBytes: 1.5 KB, headerBytes: 10}\ncgi: {warm: [perl]}\n';
    const { site, limits } = loadIn(temporaryFolder(t, { 'cgibox.yaml': yaml })).config;
    assert.deepEqual(site.deny, ['/a/**']);
    assert.equal(limits.bodyBytes, 1536);
    assert.equal(limits.headerBytes, 10);
    const json = '{"server": {"port": 1234}}';
    assert.equal(loadIn(temporaryFolder(t, { 'cgibox.yaml': json })).config.server.port, 1234);
  });

  it('keeps variables for scripts as they are written', (t) => {
    const text = 'cgi:\n  environment: {VERSION: 1.10, FLAG: True, OCTAL: 0o17, TEXT: "a b"}\n';
    const { cgi } = loadIn(temporaryFolder(t, { 'cgibox.yaml': text })).config;
    assert.deepEqual(cgi.environment, { VERSION: '1.10', FLAG: 'True', OCTAL: '0o17', TEXT: 'a b' });
  });
});

describe('a configuration file that cannot be read', () => {
  it('is an error that says why, exit code 2', (t) => {
    const folder = temporaryFolder(t, { 'folder/': '', file: '' });
    const reasons = {
      absent: 'there is no such file',
      folder: 'it is a folder',
      'file/x': 'a part of its path is a file, not a folder',
    };
    for (const [file, reason] of Object.entries(reasons)) {
      const error = errorOf(() => loadIn(folder, { file }));
      assert.equal(error.code, 'CONFIG_UNREADABLE');
      assert.ok(error.message.endsWith(`: ${reason}`), error.message);
    }
  });
});
