// The static pages of a site, read for their links. The door to them.
// Promises: a bounded number of files and bytes, however large the site is; what cannot be read is passed over.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { pageCalls } from './page-links.ts';

const MAX_ENTRIES = 5000;
const MAX_PAGES = 500;
const MAX_PAGE_BYTES = 1024 * 1024;
const MAX_DEPTH = 16;

/** Every path with its query that the pages below a document root link to, percent-encoded. */
export function linkedPaths(documentRoot: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const page of pagesBelow(documentRoot)) {
    const base = new URL(`http://site.invalid/${page.split('/').map(encodeURIComponent).join('/')}`);
    for (const path of pageCalls(readPage(`${documentRoot}/${page}`), base)) found.add(path);
  }
  return found;
}

function* pagesBelow(root: string): Generator<string> {
  const folders = [{ path: '', depth: 0 }];
  let entries = 0;
  let pages = 0;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const entry of entriesOf(`${root}/${folder.path}`)) {
      entries += 1;
      if (entries > MAX_ENTRIES || pages >= MAX_PAGES) return;
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory() && folder.depth < MAX_DEPTH) folders.push({ path, depth: folder.depth + 1 });
      if (!entry.isFile() || !/\.[sx]?html?$/i.test(entry.name)) continue;
      pages += 1;
      yield path;
    }
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readPage(file: string): string {
  try {
    return statSync(file).size > MAX_PAGE_BYTES ? '' : readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
