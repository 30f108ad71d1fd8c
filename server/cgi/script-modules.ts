// Which modules a script names: its source is read once for each version of its file.
import type { ByteString } from '../config/byte-string.ts';
import { entryAt, firstBytesOf } from '../site/disk.ts';
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
    const entry = entryAt(file);
    if (entry.kind !== 'file') return [];
    const version = `${entry.identity}:${entry.size}:${entry.modifiedAt}:${language}`;
    const known = this.#known.get(file);
    if (known?.version === version) return known.modules;
    const source = firstBytesOf(file, READ_BYTES);
    if (source === undefined) return [];
    const modules = modulesNamed(source, language);
    this.#known.set(file, { version, modules });
    return modules;
  }
}
