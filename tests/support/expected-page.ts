// Compares a page with tests/http/expected/NAME, byte for byte.
// CGIBOX_WRITE_EXPECTED=1 writes the file in the place of comparing: a deliberate act, whose diff is then read. Never in CI.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from '../../server/http/page.ts';

const FOLDER = new URL('../http/expected/', import.meta.url);
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  json: 'application/json',
};

export function expectPage(page: Page, name: string): void {
  assert.equal(page.contentType, CONTENT_TYPES[name.slice(name.lastIndexOf('.') + 1)]);
  const file = new URL(name, FOLDER);
  if (mayWrite()) writeFileSync(file, page.body);
  assert.equal(page.body.toString('utf8'), readFileSync(file, 'utf8'));
}

function mayWrite(): boolean {
  if (process.env.CGIBOX_WRITE_EXPECTED !== '1') return false;
  assert.equal(process.env.CI, undefined, 'expected pages are never written in CI');
  return true;
}
