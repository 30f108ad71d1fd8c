// What a script's source says of how it can be run warm: read once for each version of its file, which is asked for ten times a
// second at most.
import type { ByteString } from '../config/byte-string.ts';
import { entryAt, firstBytesOf } from '../site/disk.ts';
import { momentary } from '../site/momentary.ts';
import type { WarmLanguage } from './launcher.ts';
import { modulesNamed } from './warm-modules.ts';
import { needsTrial, objectionToSource } from './warm-objections.ts';

export interface ScriptSource {
  /** See modulesNamed. */
  readonly modules: readonly string[];
  /** Why it has to be run cold; absent where nothing speaks against a fork. */
  readonly objection: string | undefined;
  /** It has to be run cold until it has ended well once, for only then it is known to compile. */
  needsTrial: boolean;
}

interface Known extends ScriptSource {
  readonly version: string;
}

/** What stands further down says such things rarely. */
const READ_BYTES = 256 * 1024;
const UNREADABLE: ScriptSource = { modules: [], objection: undefined, needsTrial: false };

export class ScriptSources {
  // One entry for each script that is run warm: bounded by the site.
  readonly #known = new Map<ByteString, Known>();
  readonly #recent = momentary<ScriptSource>();

  /** One that cannot be read says nothing: the script fails for a reason of its own. */
  of(file: ByteString, language: WarmLanguage): ScriptSource {
    const key = `${language} ${file}`;
    return this.#recent.of(key, () => this.#look(key, file, language)) ?? UNREADABLE;
  }

  #look(key: string, file: ByteString, language: WarmLanguage): ScriptSource | undefined {
    const known = this.#known.get(key);
    const entry = entryAt(file);
    if (entry.kind !== 'file') return undefined;
    const version = `${entry.identity}:${entry.size}:${entry.modifiedAt}`;
    if (known?.version === version) return known;
    const text = firstBytesOf(file, READ_BYTES);
    if (text === undefined) return undefined;
    const source = {
      version,
      modules: modulesNamed(text, language),
      objection: objectionToSource(text, language),
      needsTrial: needsTrial(text, language),
    };
    this.#known.set(key, source);
    return source;
  }
}
