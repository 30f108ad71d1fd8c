// What is said to an SMTP client (RFC 5321; smtp-server), and what of it becomes a mail. Loaded with the first client:
// most sites are looked at without a mail, and the library takes memory. One mail costs at most its limit.
import type { SMTPServer, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { type ClientProcesses, clientProcesses } from './client-process.ts';
import type { Mailbox, Received } from './mailbox.ts';
import { TolerantSmtpServer } from './tolerant-smtp.ts';

const MAX_MESSAGE_BYTES = 25 * 1024 * 1024;
const MAX_CLIENTS = 50;
const MAX_RECIPIENTS = 1000;
const IDLE_MS = 60_000;

/** It listens nowhere: give it connections with `connect`. */
export function createSink(mailbox: Mailbox): SMTPServer {
  const clients = new Map<string, Promise<ClientProcesses>>();
  const isKnown = (session: number): boolean => mailbox.requestOfSession(session) !== undefined;
  const sink = new TolerantSmtpServer({
    name: 'localhost',
    banner: 'cgibox catches mail and relays none',
    size: MAX_MESSAGE_BYTES,
    rejectOversized: true,
    maxClients: MAX_CLIENTS,
    maxRecipients: MAX_RECIPIENTS,
    socketTimeout: IDLE_MS,
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
      if (session.remotePort > 0) clients.set(session.id, clientProcesses(session, isKnown));
      callback();
    },
    onClose: (session) => void clients.delete(session.id),
    onData: (stream, session, callback) => {
      void take(stream, session, { mailbox, client: clients.get(session.id) }).then((received) => {
        if (received !== undefined) mailbox.add(received);
        callback(null, 'OK: caught by cgibox, sent to nobody');
      }, callback);
    },
  });
  sink.on('error', () => {});
  return sink;
}

interface Sender {
  readonly mailbox: Mailbox;
  /** Absent where the client is no process of this machine. */
  readonly client: Promise<ClientProcesses> | undefined;
}

/** The message, or nothing where it was larger than what the server is ready to keep. */
async function take(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  sender: Sender,
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
    requestId: typeof ident === 'string' && ident !== '' ? ident : await requestOf(sender),
    via: isSendmail ? 'sendmail' : 'smtp',
    envelope: {
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
    },
    raw: Buffer.concat(chunks),
  };
}

/** Asked when the message is whole: the news that a script was started may come after the script's first word to us. */
async function requestOf({ mailbox, client }: Sender): Promise<string | undefined> {
  const { sessions, uniqueId } = (await client) ?? { sessions: [], uniqueId: undefined };
  for (const session of sessions) {
    const request = mailbox.requestOfSession(session);
    if (request !== undefined) return request;
  }
  return uniqueId;
}
