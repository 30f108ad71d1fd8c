// Which modules a script names: its source is read once for each version of its file, which is asked for ten times a second at most.
import type { ByteString } from '../config/byte-string.ts';
import { entryAt, firstBytesOf } from '../site/disk.ts';
import type { WarmLanguage } from './launcher.ts';
import { modulesNamed } from './warm-modules.ts';

interface Known {
  readonly version: string;
  readonly modules: readonly string[];
  /** When the version was looked at: milliseconds that only go forward. */
  lookedAt: number;
}

/** What stands further down names modules rarely, and costs only speed. */
const READ_BYTES = 256 * 1024;
const FRESH_FOR_MS = 100;

export class ScriptModules {
  // One entry for each script that is run warm: bounded by the site.
  readonly #known = new Map<ByteString, Known>();

  /** Empty where it cannot be read: then the script fails for a reason of its own. */
  of(file: ByteString, language: WarmLanguage): readonly string[] {
    const key = `${language} ${file}`;
    const known = this.#known.get(key);
    const lookedAt = performance.now();
    if (known !== undefined && lookedAt - known.lookedAt < FRESH_FOR_MS) return known.modules;
    const entry = entryAt(file);
    if (entry.kind !== 'file') return [];
    const version = `${entry.identity}:${entry.size}:${entry.modifiedAt}`;
    if (known?.version === version) {
      known.lookedAt = lookedAt;
      return known.modules;
    }
    const source = firstBytesOf(file, READ_BYTES);
    if (source === undefined) return [];
    const modules = modulesNamed(source, language);
    this.#known.set(key, { version, modules, lookedAt });
    return modules;
  }
}
