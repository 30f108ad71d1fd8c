// All scripts of the site: their URLs, how each is run, how it did so far, and what is wrong with it.
import { howRun } from '../cgi/how-run.ts';
import { interpretation } from '../cgi/interpreter.ts';
import { perScript } from '../cgi/per-script.ts';
import { scriptEnvironment } from '../cgi/script-command.ts';
import type { ByteString } from '../config/byte-string.ts';
import type { Environment } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import { explain } from '../diagnosis/explain.ts';
import { spellHidden } from '../diagnosis/visible-text.ts';
import type { History, HistoryEntry } from '../exchange/history.ts';
import { discoverScripts, type FoundScript } from '../site/discover.ts';
import type { SiteFinding } from './inspected-site.ts';
import { readable, rounded } from './summary.ts';

export interface ListedFinding extends Pick<SiteFinding, 'id' | 'severity' | 'title' | 'why' | 'mend'> {
  /** Lines of this file, where the finding names any. */
  readonly lines: readonly number[];
}

export interface ListedScript {
  /** Percent-encoded URL path. */
  readonly url: string;
  readonly file: string;
  readonly how: string;
  /** Why it cannot run, and what mends it; absent where nothing is known. */
  readonly problem: { readonly title: string; readonly mend: readonly string[] } | null;
  /** What doctor says of the file. */
  readonly findings: readonly ListedFinding[];
  /** Runs in the history. */
  readonly runs: number;
  readonly failures: number;
  readonly last: { readonly id: string; readonly status: number; readonly at: number } | null;
  /** Milliseconds. */
  readonly meanMs: number | null;
}

export interface ScriptListOptions {
  readonly config: Config;
  readonly configFile: string | undefined;
  readonly environment: Environment;
  readonly history: History;
  readonly findings: readonly SiteFinding[];
}

export function listScripts(options: ScriptListOptions): readonly ListedScript[] {
  const { config, configFile, environment, history, findings } = options;
  const path = scriptEnvironment(config, environment).PATH ?? '';
  const settingsOf = perScript(config);
  const entries = Map.groupBy(history.list(), ({ exchange }) => exchange.scriptFile);
  return discoverScripts(config, { configFile }).map(({ url, place }) => {
    const run = interpretation(place, { cgi: config.cgi, path, override: settingsOf(place).interpreter });
    return {
      url,
      file: readable(place.scriptFile),
      how: spellHidden(howRun(run)),
      problem: run.kind === 'failed' ? problemOf(place, run.cause) : null,
      findings: findingsOf(place.scriptFile, findings),
      ...runsOf(entries.get(place.scriptFile) ?? []),
    };
  });
}

function findingsOf(file: ByteString, findings: readonly SiteFinding[]): readonly ListedFinding[] {
  return findings.flatMap(({ id, severity, title, why, mend, places }) => {
    const own = places.filter((place) => place.file === file);
    if (own.length === 0) return [];
    return [{ id, severity, title, why, mend, lines: own.flatMap(({ line }) => line ?? []) }];
  });
}

function problemOf({ scriptFile, scriptName }: FoundScript['place'], cause: Parameters<typeof explain>[0]) {
  const { title, mend } = explain(cause, { scriptFile, scriptName, stderr: '', output: '' });
  return { title, mend };
}

function runsOf(entries: readonly HistoryEntry[]): Pick<ListedScript, 'runs' | 'failures' | 'last' | 'meanMs'> {
  const last = entries.at(-1)?.exchange;
  const times = entries.flatMap(({ recording }) => recording.finished ?? []);
  return {
    runs: entries.length,
    failures: entries.filter(({ exchange }) => exchange.cause !== undefined).length,
    last: last === undefined ? null : { id: last.id, status: last.status, at: last.startedAt },
    meanMs: times.length === 0 ? null : rounded(times.reduce((sum, time) => sum + time, 0) / times.length),
  };
}
