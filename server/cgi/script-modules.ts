// Reads what modules a script names, once for each version of its file: the door of the warm runner to the scripts.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { ByteString } from '../config/byte-string.ts';
import type { WarmLanguage } from './launcher.ts';
import { modulesNamed } from './warm-modules.ts';

interface Known {
  readonly version: string;
  readonly modules: readonly string[];
}

/** What stands further down names modules rarely, and costs only speed. */
const READ_BYTES = 256 * 1024;

export class ScriptModules {
  // One entry for each script that is run warm: bounded by the site.
  readonly #known = new Map<ByteString, Known>();

  /** Empty where it cannot be read: then the script fails for a reason of its own. */
  of(file: ByteString, language: WarmLanguage): readonly string[] {
    const path = Buffer.from(file, 'latin1');
    try {
      const { mtimeMs, size, ino } = statSync(path);
      const version = `${mtimeMs} ${size} ${ino} ${language}`;
      const known = this.#known.get(file);
      if (known?.version === version) return known.modules;
      const modules = modulesNamed(firstBytes(path), language);
      this.#known.set(file, { version, modules });
      return modules;
    } catch {
      return [];
    }
  }
}

function firstBytes(path: Buffer): ByteString {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(READ_BYTES);
    return bytes.toString('latin1', 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
