// The flags of Node that the #! line of server/main.ts gives: they bound its memory, so what is measured runs with them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** server/main.ts, absolute. */
export const MAIN = join(import.meta.dirname, '../../server/main.ts');

/** `/usr/bin/env -S node --flag --flag` */
export const START_FLAGS = (readFileSync(MAIN, 'utf8').split('\n', 1)[0] ?? '').split(' ').slice(3);
