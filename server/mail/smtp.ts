// The SMTP sink: takes every mail and relays none (RFC 5321; smtp-server). The only file of this room that opens a port.
// Promises: a port that cannot be had is a warning and no more; loopback only; one mail costs at most its limit in memory.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { SMTPServer, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { Config } from '../config/schema.ts';
import { requestOfClient } from './client-process.ts';
import { Mailbox, type Received } from './mailbox.ts';
import { socketName } from './socket-name.ts';
import { TolerantSmtpServer } from './tolerant-smtp.ts';

const HOST = '127.0.0.1';
const MAX_MESSAGE_BYTES = 25 * 1024 * 1024;
const MAX_CLIENTS = 50;
const MAX_RECIPIENTS = 1000;
const IDLE_MS = 60_000;
/** A client that is killed in the middle of a mail must not hold up the end of the server. */
const FAREWELL_MS = 300;

export interface RunningMail {
  readonly mailbox: Mailbox;
  /** The TCP ports really bound. */
  readonly ports: readonly number[];
  /** Takes `mail.keep`; a change of the others is for the next start, and warned about. */
  reconfigure(config: Config): void;
  stop(): Promise<void>;
}

export interface MailSurroundings {
  readonly warn: (line: string) => void;
}

/**
 * Starts to catch mail, on the ports of `mail.smtpPorts` and on a socket that only sendmail.ts knows of.
 *
 * With `mail.enabled: false` nothing listens, and the mailbox stays empty. Never rejects.
 */
export async function startMail(config: Config, { warn }: MailSurroundings): Promise<RunningMail> {
  const { enabled, keep, smtpPorts } = config.mail;
  const mailbox = new Mailbox(keep);
  const doors = enabled ? await openDoors(mailbox, { smtpPorts, warn }) : [];
  return {
    mailbox,
    ports: doors.flatMap((door) => portOf(door.server) ?? []),
    reconfigure: (changed) => {
      mailbox.setKeep(changed.mail.keep);
      if (changed.mail.enabled !== enabled || changed.mail.smtpPorts.join() !== smtpPorts.join())
        warn('mail.enabled and mail.smtpPorts take effect at the next start');
    },
    stop: async () => void (await Promise.all(doors.map(close))),
  };
}

interface Opening {
  readonly smtpPorts: readonly number[];
  readonly warn: (line: string) => void;
}

async function openDoors(mailbox: Mailbox, { smtpPorts, warn }: Opening): Promise<readonly SMTPServer[]> {
  const local = createSink(mailbox);
  // Where it cannot be had (no Linux, a second site in one process), sendmail takes a port.
  const hasLocal = await listens(local, () => local.listen(socketName(process.pid))).then(
    () => true,
    () => false,
  );
  const doors: SMTPServer[] = hasLocal ? [local] : [];
  for (const port of new Set(smtpPorts)) {
    const sink = createSink(mailbox);
    try {
      await listens(sink, () => sink.listen(port, HOST));
      doors.push(sink);
    } catch (error) {
      warn(portProblem(port, error as NodeJS.ErrnoException));
    }
  }
  return doors;
}

async function listens(sink: SMTPServer, listen: () => void): Promise<void> {
  listen();
  await once(sink.server, 'listening');
  // One client's broken connection is its own affair.
  sink.server.on('error', () => {});
}

function portProblem(port: number, error: NodeJS.ErrnoException): string {
  const cannot = `mail to port ${port} is not caught:`;
  if (error.code === 'EADDRINUSE')
    return `${cannot} another program uses that port; end it, or change mail.smtpPorts (the site is not affected)`;
  if (error.code === 'EACCES')
    return `${cannot} the system allows that port only to root; change mail.smtpPorts (the site is not affected)`;
  return `${cannot} ${error.message}; change mail.smtpPorts (the site is not affected)`;
}

function createSink(mailbox: Mailbox): SMTPServer {
  const requests = new Map<string, Promise<string | undefined>>();
  const sink = new TolerantSmtpServer({
    name: 'localhost',
    banner: 'cgibox catches mail and relays none',
    size: MAX_MESSAGE_BYTES,
    rejectOversized: true,
    maxClients: MAX_CLIENTS,
    maxRecipients: MAX_RECIPIENTS,
    socketTimeout: IDLE_MS,
    closeTimeout: FAREWELL_MS,
    logger: false,
    disableReverseLookup: true,
    lenientAddressParsing: true,
    authOptional: true,
    allowInsecureAuth: true,
    authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5'],
    // STARTTLS with a certificate that nobody trusts would stop every client that tries it by itself.
    disabledCommands: ['STARTTLS', 'WIZ', 'SHELL', 'KILL'],
    // How sendmail.ts says which request it works for: XFORWARD SOURCE=LOCAL IDENT=…
    useXForward: true,
    onAuth: (_auth, _session, callback) => callback(null, { user: 'anyone' }),
    onConnect: (session, callback) => {
      if (session.remotePort > 0) requests.set(session.id, requestOfClient(session));
      callback();
    },
    onClose: (session) => void requests.delete(session.id),
    onData: (stream, session, callback) => {
      void take(stream, session, requests).then((received) => {
        if (received !== undefined) mailbox.add(received);
        callback(null, 'OK: caught by cgibox, sent to nobody');
      }, callback);
    },
  });
  sink.on('error', () => {});
  return sink;
}

/** The message, or nothing where it was larger than what the server is ready to keep. */
async function take(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  requests: ReadonlyMap<string, Promise<string | undefined>>,
): Promise<Received | undefined> {
  let chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if (stream.sizeExceeded) chunks = [];
  }
  if (stream.sizeExceeded) return undefined;
  const { mailFrom, rcptTo } = session.envelope;
  const ident = session.xForward.get('IDENT');
  const isSendmail = session.xForward.get('SOURCE') === 'LOCAL';
  return {
    at: Date.now(),
    requestId: typeof ident === 'string' && ident !== '' ? ident : await requests.get(session.id),
    via: isSendmail ? 'sendmail' : 'smtp',
    envelope: {
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
    },
    raw: Buffer.concat(chunks),
  };
}

function portOf(server: Server | object): number | undefined {
  const address = 'address' in server ? (server.address() as AddressInfo | string | null) : null;
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

function close(sink: SMTPServer): Promise<void> {
  return new Promise((resolve) => sink.close(() => resolve()));
}
