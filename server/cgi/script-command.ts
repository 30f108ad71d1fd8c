// The command that runs a script: program, arguments, working directory, environment (RFC 3875 §4, §7.2).
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { ScriptPlace } from '../site/resource.ts';
import { commandLine } from './command-line.ts';
import type { Interpretation } from './interpreter.ts';
import type { Command } from './launcher.ts';
import { metaVariables } from './meta-variables.ts';
import { readWithoutCarriageReturns } from './programs.ts';
import type { ScriptRequest } from './script-request.ts';
import { warmWish } from './warm-eligibility.ts';

type Runnable = Exclude<Interpretation, { kind: 'failed' }>;

/** What all scripts of a site share: made once for a configuration. */
export interface ScriptSetting {
  readonly config: Config;
  readonly serverSoftware: string;
  /** PATH, LANG, TZ, HOME, TMPDIR, `cgi.passEnvironment` and `cgi.environment`, as bytes. */
  readonly environment: Readonly<Record<string, ByteString>>;
}

const PERL = /(^|\/)perl[^/]*$/;
const PHP_CGI = /(^|\/)php-cgi[^/]*$/;
const PASSED = ['PATH', 'LANG', 'TZ', 'HOME', 'TMPDIR'];
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Takes from the server's own environment what scripts may see (`server` as Node gives it, decoded as UTF-8). */
export function scriptEnvironment(
  config: Config,
  server: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, ByteString>> {
  const environment: Record<string, ByteString> = { PATH: DEFAULT_PATH };
  for (const name of [...PASSED, ...config.cgi.passEnvironment]) {
    const value = server[name];
    if (value !== undefined) environment[name] = bytesOfText(value);
  }
  return { ...environment, ...bytesOf(config.cgi.environment) };
}

function bytesOf(variables: Readonly<Record<string, string>>): Record<string, ByteString> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, bytesOfText(value)]));
}

// One argument may be 128 KiB long (MAX_ARG_STRLEN of Linux), its end included.
const LONGEST_ARGUMENT = 128 * 1024 - 1;

export interface CommandInput {
  readonly place: ScriptPlace;
  readonly request: ScriptRequest;
  readonly how: Runnable;
  /** `perScript.environment` for this script. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
  /** `perScript.warm` for this script. */
  readonly warm?: boolean | undefined;
}

/** Builds the command. Reads the script only where a shell must get it without carriage returns. */
export function scriptCommand(input: CommandInput, setting: ScriptSetting): Command {
  const { place, request, how } = input;
  const words = isMapped(how) ? [] : commandLine(request.method, request.target.query);
  return {
    ...programAndArguments(place.scriptFile, how, words),
    workingDirectory: place.scriptFile.slice(0, Math.max(place.scriptFile.lastIndexOf('/'), 1)),
    environment: environmentOf(input, setting),
    hasBody: (request.body?.length ?? 0) > 0,
    warm: warmWish({ place, how, words, override: input.warm, config: setting.config }),
  };
}

function programAndArguments(script: ByteString, how: Runnable, words: readonly ByteString[]) {
  if (how.kind === 'executed') return { file: script, args: words };
  const text = how.withoutCarriageReturns ? readWithoutCarriageReturns(script) : undefined;
  // `sh -c TEXT NAME` keeps $0 the script's own path, and stdin free for the body.
  const source = text !== undefined && text.length <= LONGEST_ARGUMENT ? ['-c', text, script] : [script];
  return { file: how.program, args: [...how.switches, ...source, ...words] };
}

function environmentOf(input: CommandInput, setting: ScriptSetting): Readonly<Record<string, ByteString>> {
  const { config } = setting;
  const { place, request, how } = input;
  return {
    ...metaVariables(request, place, {
      passAuthorization: config.cgi.passAuthorization,
      serverSoftware: setting.serverSoftware,
    }),
    // php-cgi refuses to run without: it takes it for the proof that no visitor called it directly.
    ...((isMapped(how) || PHP_CGI.test(programOf(how))) && { REDIRECT_STATUS: '200' }),
    ...(PERL.test(programOf(how)) && config.cgi.tolerate.includes('perlDotInc') && { PERL_USE_UNSAFE_INC: '1' }),
    ...setting.environment,
    ...bytesOf(input.extraEnvironment),
  };
}

function isMapped(how: Runnable): boolean {
  return how.kind === 'interpreted' && how.isMapped;
}

/** The interpreter; "" for a program of its own. */
function programOf(how: Runnable): ByteString {
  return (how.kind === 'executed' ? how.interpreter : how.program) ?? '';
}
