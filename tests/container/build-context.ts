// A copy of what `docker build .` takes from the repository: a build of its own, which others cannot change under it.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './image-under-test.ts';

const SOURCES = ['server', 'config', 'cgi-bin', 'public'];
const FILES = ['Dockerfile', '.dockerignore', 'package.json', 'package-lock.json', '.npmrc', 'LICENSE'];

export function copyBuildContext(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of [...FILES, ...SOURCES]) cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true });
}
