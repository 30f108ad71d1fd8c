// Which modules a script names: its source is read once for each version of its file, which is asked for ten times a second at most.
import type { ByteString } from '../config/byte-string.ts';
import { entryAt, firstBytesOf } from '../site/disk.ts';
import { momentary } from '../site/momentary.ts';
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
  readonly #recent = momentary<readonly string[]>();

  /** Empty where it cannot be read: then the script fails for a reason of its own. */
  of(file: ByteString, language: WarmLanguage): readonly string[] {
    const key = `${language} ${file}`;
    return this.#recent.of(key, () => this.#look(key, file, language)) ?? [];
  }

  #look(key: string, file: ByteString, language: WarmLanguage): readonly string[] | undefined {
    const known = this.#known.get(key);
    const entry = entryAt(file);
    if (entry.kind !== 'file') return undefined;
    const version = `${entry.identity}:${entry.size}:${entry.modifiedAt}`;
    if (known?.version === version) return known.modules;
    const source = firstBytesOf(file, READ_BYTES);
    if (source === undefined) return undefined;
    const modules = modulesNamed(source, language);
    this.#known.set(key, { version, modules });
    return modules;
  }
}
