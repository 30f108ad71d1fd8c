// The server under test: a site of our own in this process, on a free port, with what its records tell; or a base URL.
// A record is found by the port that the request came from: nothing is added to the request that a script could see.
import { setTimeout as delay } from 'node:timers/promises';
import { type ByteString, bytesOfText, textOfBytes } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { explain } from '../diagnosis/explain.ts';
import { refinementOf } from '../diagnosis/stderr-patterns.ts';
import type { HistoryEntry } from '../exchange/history.ts';
import type { RecordedRun } from '../exchange/recording.ts';
import { evidenceOfRun } from '../exchange/run-evidence.ts';
import { type RunningServer, type Surroundings, startServer } from '../http/listen.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import { readMessage } from '../mail/message.ts';
import type { SeenMail, ServerUnderTest, Witness } from '../smoke/server-under-test.ts';
import { errorLine } from '../smoke/stderr-error.ts';
import { withVariables } from './script-variables.ts';

export interface OwnServerOptions {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly mailbox: Mailbox;
  /** Absolute path of a file → as it is shown. */
  readonly displayPath: (file: string) => string;
  /** What is said of the files of a copy, as of those of the site; absent where it is no copy. */
  readonly inSite?: (said: ByteString) => ByteString;
}

/** @throws CgiboxError of starting (see startServer) */
export async function ownServer(options: OwnServerOptions): Promise<ServerUnderTest> {
  const config = configUnderTest(options.config);
  const running = await startServer(config, options.surroundings);
  options.mailbox.askAboutSessions((session) => running.requestOfScript(session));
  const { inSite } = options;
  let environment = '{}';
  return {
    url: new URL(running.url),
    useEnvironment: async (variables) => {
      const asked = JSON.stringify(variables);
      if (asked === environment) return;
      environment = asked;
      await running.reconfigure(withVariables(config, variables));
    },
    witness: (localPort) => witnessOf(localPort, running, options),
    ...(inSite && { inSite: (said: string) => textOfBytes(inSite(bytesOfText(said))) }),
    close: () => running.kill(),
  };
}

/** Records of the last requests are what we look into; they need no inspector. */
const KEPT_REQUESTS = 256;
const KEPT_BYTES = 64 * 1024 * 1024;

function configUnderTest(config: Config): Config {
  return {
    ...config,
    server: { ...config.server, host: '127.0.0.1', port: 0, graceSeconds: 0 },
    inspector: { ...config.inspector, enabled: true, keep: KEPT_REQUESTS, keepBytes: KEPT_BYTES },
  };
}

/** The answer may be whole before its script has ended, and stderr and mail come until then. */
const LAST_WORDS_MS = 2000;

async function witnessOf(
  localPort: number,
  { history }: RunningServer,
  options: OwnServerOptions,
): Promise<Witness | undefined> {
  const until = performance.now() + LAST_WORDS_MS;
  const find = () => history?.list().findLast(({ recording }) => recording.request.remotePort === localPort);
  let entry = find();
  while (!isOver(entry) && performance.now() < until) {
    await delay(5);
    entry = find();
  }
  return entry === undefined ? undefined : witnessFrom(entry, options);
}

function isOver(entry: HistoryEntry | undefined): boolean {
  if (entry === undefined || !entry.isFinished) return false;
  return entry.recording.runs.every(({ pid, exit }) => pid === undefined || exit !== undefined);
}

async function witnessFrom({ exchange, recording }: HistoryEntry, options: OwnServerOptions): Promise<Witness> {
  const { displayPath, mailbox, inSite = asSaid } = options;
  const stderr = inSite(recording.runs.map((run) => run.stderr.bytes().toString('latin1')).join(''));
  const mails = mailbox.ofRequest(exchange.id);
  return {
    script: exchange.scriptFile === undefined ? undefined : displayPath(textOfBytes(inSite(exchange.scriptFile))),
    runner: exchange.runner,
    stderr: textOfBytes(stderr),
    isServersPage: recording.page !== undefined,
    ...explained(recording.runs.at(-1), exchange.cause, inSite),
    mails: await Promise.all(mails.map(seenMail)),
  };
}

const asSaid = (said: ByteString): ByteString => said;

function explained(
  run: RecordedRun | undefined,
  cause: HistoryEntry['exchange']['cause'],
  inSite: (said: ByteString) => ByteString,
): Pick<Witness, 'fault' | 'mend'> {
  if (run === undefined) return { fault: cause?.kind, mend: [] };
  const { scriptFile, stderr, output, ...others } = evidenceOfRun(run);
  const evidence = { ...others, scriptFile: inSite(scriptFile), stderr: inSite(stderr), output: inSite(output) };
  if (cause !== undefined) {
    const { title, mend } = explain(cause, evidence);
    return { fault: title, mend };
  }
  const mend = errorLine(textOfBytes(evidence.stderr)) === undefined ? [] : (refinementOf(evidence)?.mend ?? []);
  return { fault: undefined, mend };
}

async function seenMail(mail: ReturnType<Mailbox['ofRequest']>[number]): Promise<SeenMail> {
  const { from, to, subject, text, html } = await readMessage(mail.raw);
  return { from: from || mail.envelope.from, to: to || mail.envelope.to.join(', '), subject, text: text ?? html ?? '' };
}
