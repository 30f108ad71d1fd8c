import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { checkFile } from '../../server/config/check.ts';
import { configText } from '../../server/config/config-text.ts';
import { jsonSchemaText } from '../../server/config/json-schema.ts';
import { KEYS } from '../../server/config/keys.ts';
import { Config } from '../../server/config/schema.ts';
import { loadIn, SHIPPED_FILE } from './loading.ts';
import { temporaryFolder } from './temporary-folder.ts';

const text = readFileSync(SHIPPED_FILE, 'utf8');

describe('the shipped config/cgibox.yaml', () => {
  it('sets every key, to its default', () => {
    const { config, lines, problems } = checkFile(text, SHIPPED_FILE);
    assert.deepEqual(problems, []);
    assert.deepEqual([...lines.keys()].toSorted(), KEYS.map((key) => key.path).toSorted());
    assert.deepEqual(config, Config.parse({}));
  });

  it('has a comment above every group of keys', () => {
    const uncommented = text.split('\n').filter((line, index, all) => {
      const before = all[index - 1] ?? '';
      return /^ {2}\w+:/.test(line) && !/^ {2}(#|\w+:)/.test(before);
    });
    assert.deepEqual(uncommented, []);
  });

  it('names the schema for editors, which is in step', () => {
    const [, name = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    const isInStep = readFileSync(join(dirname(SHIPPED_FILE), name), 'utf8') === jsonSchemaText();
    assert.ok(isInStep, `${name} is not what the schema says: run npm run schema`);
  });
});

describe('the JSON Schema of the configuration', () => {
  const schema = JSON.parse(jsonSchemaText());

  it('is draft-07 and knows every key, with its description', () => {
    assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#');
    for (const { section, name } of KEYS)
      assert.equal(typeof schema.properties[section].properties[name].description, 'string', `${section}.${name}`);
  });

  it('refuses unknown keys', () => {
    assert.equal(schema.additionalProperties, false);
    assert.equal(schema.properties.limits.additionalProperties, false);
  });
});

describe('the effective configuration as text', () => {
  it('means the same when it is read again', (t) => {
    const environment = {
      CGIBOX_CGI_ENVIRONMENT: '{A: "1", B: "x # y\\nz", C: "null"}',
      CGIBOX_SITE_DENY: '["/*: {a}"]',
    };
    const loaded = loadIn(temporaryFolder(t), { environment });
    const again = loadIn(temporaryFolder(t, { 'cgibox.yaml': configText(loaded) }));
    assert.deepEqual(again.config, loaded.config);
  });

  it('tells the origin of each value', (t) => {
    const folder = temporaryFolder(t, { 'cgibox.yaml': 'server:\n  host: ::1\n' });
    const shown = configText(loadIn(folder, { environment: { CGIBOX_PORT: '81' } }));
    assert.match(shown, /^ {2}host: ::1 # cgibox\.yaml:2$/m);
    assert.match(shown, /^ {2}port: 81 # CGIBOX_PORT$/m);
    assert.match(shown, /^ {2}trustProxy: false # default$/m);
  });
});
