// README keeps its word: its tour is run line by line, and its tables hold every key and every code.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { Config } from '../../server/config/schema.ts';
import { ERROR_CODES } from '../../server/errors.ts';
import { sh, startFolder, startSite, temporaryFolder } from '../support/start-site.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');
const ADDRESS = 'http://localhost:8000';
const README = await readFile(path.join(PROJECT, 'README.md'), 'utf8');
const skip = spawnSync('curl', ['--version']).status === 0 ? false : 'the tour needs curl, which is not here';

interface Step {
  readonly command: string;
  readonly expected: string;
}

/** The commands of the marked blocks ("$ …"), each with the lines below it. */
function steps(): readonly Step[] {
  const blocks = [...README.matchAll(/<!-- run -->\n```console\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command = '', ...lines] = part.split('\n');
        return { command, expected: lines.join('\n') };
      }),
  );
}

async function startSample(t: TestContext) {
  const folder = await temporaryFolder(t);
  for (const part of ['public', 'cgi-bin'])
    await cp(path.join(PROJECT, part), path.join(folder, part), { recursive: true });
  return startFolder(t, folder);
}

/** "…" stands for what differs from run to run. */
function pattern(expected: string): RegExp {
  const parts = expected
    .trimEnd()
    .split('…')
    .map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^\\n]*')}$`);
}

interface Property {
  readonly default?: unknown;
  readonly description: string;
}

async function schemaProperties(): Promise<
  Readonly<Record<string, { readonly properties: Readonly<Record<string, Property>> }>>
> {
  return JSON.parse(await readFile(path.join(PROJECT, 'config/cgibox.schema.json'), 'utf8')).properties;
}

describe('the quick tour of README.md', () => {
  it('has something to run', () => {
    assert.ok(steps().length >= 10);
  });

  for (const { command, expected } of steps()) {
    it(command, { skip }, async (t) => {
      const site = await startSample(t);
      const here = command
        .replaceAll(ADDRESS, site.url)
        .replaceAll('npx cgibox', `'${process.execPath}' server/main.ts`);
      const shell = spawn('sh', ['-c', here], {
        cwd: PROJECT,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const printed = (await text(shell.stdout)).replaceAll(site.url, ADDRESS);
      assert.match(printed.trimEnd(), pattern(expected));
    });
  }
});

describe('the tables of README.md', () => {
  it('hold every key of the configuration, its default and what it does', async () => {
    // The schema file shows a size as it is written, but leaves some defaults out; the parsed ones have all.
    const parsed: Readonly<Record<string, Readonly<Record<string, unknown>>>> = Config.parse({});
    const rows = Object.entries(await schemaProperties()).flatMap(([section, { properties }]) =>
      Object.entries(properties).map(([key, property]) => {
        const value = JSON.stringify(property.default ?? parsed[section]?.[key] ?? null);
        return `| \`${section}.${key}\` | \`${value}\` | ${property.description} |`;
      }),
    );
    assert.ok(rows.length > 40);
    assert.deepEqual(
      rows.filter((row) => !README.includes(`${row}\n`)),
      [],
    );
    const told = README.match(/^\| `(?:server|site|cgi|limits|log|inspector|mail)\.\w+` \| `.*$/gm) ?? [];
    assert.deepEqual(
      told.filter((row) => !rows.includes(row)),
      [],
    );
  });

  it('hold every error code with its exit code', () => {
    const told = [...README.matchAll(/^\| `([A-Z_]+)` \| (\d) \|/gm)].map((match) => [match[1], Number(match[2])]);
    assert.deepEqual(
      told,
      Object.entries(ERROR_CODES).map(([code, { exitCode }]) => [code, exitCode]),
    );
  });

  it('hold every key of a log line in JSON', async (t) => {
    const site = await startSite(t, { 'cgi-bin/loud': sh`echo "Content-Type: text/plain"; echo; echo aloud >&2` });
    await (await site.get('/cgi-bin/loud')).text();
    const [, section = ''] = /^## Log\n([\s\S]*?)^## /m.exec(README) ?? [];
    for (const line of [await site.logged('/cgi-bin/loud'), JSON.parse(site.log[0] ?? '')])
      for (const key of Object.keys(line)) assert.ok(section.includes(`\`${key}\``), key);
  });

  it('name only commands that npm knows', async () => {
    const { scripts } = JSON.parse(await readFile(path.join(PROJECT, 'package.json'), 'utf8'));
    const named = [...README.matchAll(/npm run (\w+)/g)].map((match) => match[1] ?? '');
    assert.deepEqual(
      named.filter((name) => !(name in scripts)),
      [],
    );
  });
});
