// A site in a temporary folder, for the tests of this room and of static/: files by name, gone with the test.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { type ByteString, bytesOfText } from '../../server/config/byte-string.ts';
import { Config } from '../../server/config/schema.ts';
import { requestTarget } from '../../server/site/request-target.ts';
import { createSite, type Site } from '../../server/site/resolve.ts';
import type { Resource } from '../../server/site/resource.ts';
import type { SiteOptions } from '../../server/site/site-rules.ts';

/** Name (one character per byte, relative to the site) → content; a name that ends in "/" is a folder. */
export type Files = Readonly<Record<ByteString, string | Buffer>>;

export interface TemporarySite {
  readonly root: string;
  readonly config: Config;
  readonly site: Site;
  readonly warnings: string[];
  /** The resource of a request target as received. */
  resolve(received: ByteString): Resource;
  /** "script /x" and the like: kind and what matters of it, in one line. */
  meaning(received: ByteString): string;
}

type SiteKeys = Partial<Config['site']>;
type CgiKeys = Partial<Omit<Config['cgi'], 'scriptAlias'>> & { scriptAlias?: Record<string, string> };

/** Writes the files (0755 where the content begins with "#!", else 0644) and opens the site. */
export function temporarySite(
  t: Pick<TestContext, 'after'>,
  files: Files,
  { site = {}, cgi = {}, options = {} }: { site?: SiteKeys; cgi?: CgiKeys; options?: SiteOptions } = {},
): TemporarySite {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cgibox-site-')));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  fs.mkdirSync(path.join(root, 'public'));
  for (const [name, content] of Object.entries(files)) writeFile(root, name, content);
  const scriptAlias = Object.fromEntries(
    Object.entries(cgi.scriptAlias ?? { '/cgi-bin/': 'cgi-bin' }).map(([url, folder]) => [
      url,
      path.join(root, folder),
    ]),
  );
  const config = Config.parse({
    site: { ...site, root, documentRoot: path.join(root, site.documentRoot ?? 'public') },
    cgi: { ...cgi, scriptAlias },
  });
  const warnings: string[] = [];
  const opened = createSite(config, { warn: (line) => warnings.push(line), ...options });
  const resolve = (received: ByteString): Resource => {
    const outcome = requestTarget(received);
    return outcome.kind === 'target' ? opened.resolve(outcome.target) : outcome;
  };
  return { root, config, site: opened, warnings, resolve, meaning: (received) => inOneLine(resolve(received), root) };
}

function writeFile(root: string, name: ByteString, content: string | Buffer): void {
  const file = Buffer.from(bytesOfText(`${root}/`) + name, 'latin1');
  if (name.endsWith('/')) {
    fs.mkdirSync(file, { recursive: true });
    return;
  }
  fs.mkdirSync(file.subarray(0, file.lastIndexOf('/')), { recursive: true });
  fs.writeFileSync(file, content, { mode: content.toString('latin1').startsWith('#!') ? 0o755 : 0o644 });
}

function inOneLine(resource: Resource, root: string): string {
  const relative = (file: ByteString) => file.replace(`${root}/`, '');
  switch (resource.kind) {
    case 'file':
      return `file ${relative(resource.file.file)}`;
    case 'script': {
      const { scriptFile, scriptName, pathInfo } = resource.place;
      return `script ${relative(scriptFile)} as ${scriptName} with "${pathInfo}"`;
    }
    case 'directory':
      return `directory ${relative(resource.folder.folder)} as ${resource.folder.urlPath}`;
    case 'movedTo':
      return `moved to ${resource.location}`;
    case 'absent':
      return 'absent';
    case 'refused':
      return `${resource.status} ${resource.reason}`;
    default:
      return resource satisfies never;
  }
}

export function expectMeanings({ meaning }: TemporarySite, expected: Readonly<Record<string, string>>): void {
  for (const [received, outcome] of Object.entries(expected)) assert.equal(meaning(received), outcome, received);
}
