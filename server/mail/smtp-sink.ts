// What is said to an SMTP client (RFC 5321; smtp-server), and what of it becomes a mail. Loaded with the first client:
// most sites are looked at without a mail, and the library takes memory. One mail costs at most its limit, and so do
// all that are being received.
import type {
  SMTPServer,
  SMTPServerAddress,
  SMTPServerDataStream,
  SMTPServerOptions,
  SMTPServerSession,
} from 'smtp-server';
import { type ClientProcesses, clientProcesses } from './client-process.ts';
import { IncomingMessage, type Room } from './incoming-message.ts';
import type { Mailbox, Received } from './mailbox.ts';
import { TolerantSmtpServer } from './tolerant-smtp.ts';

const MAX_MESSAGE_BYTES = 25 * 1024 * 1024;
const MAX_CLIENTS = 50;
/** Of all messages that are being received: as much as is kept of those that were. */
const MAX_INCOMING_BYTES = 64 * 1024 * 1024;
const MAX_RECIPIENTS_BYTES = 4 * 1024 * 1024;
/** What a recipient takes in smtp-server beside its text, roughly. */
const BYTES_OF_A_RECIPIENT = 200;
const IDLE_MS = 60_000;

/** It listens nowhere: give it connections with `connect`. */
export function createSink(mailbox: Mailbox): SMTPServer {
  const clients = new Map<string, Promise<ClientProcesses>>();
  const room: Room = { bytes: MAX_INCOMING_BYTES };
  const isKnown = (session: number): boolean => mailbox.requestOfSession(session) !== undefined;
  const sink = new TolerantSmtpServer({
    name: 'localhost',
    banner: 'cgibox catches mail and relays none',
    size: MAX_MESSAGE_BYTES,
    rejectOversized: true,
    maxClients: MAX_CLIENTS,
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
    onRcptTo: recipientLimit(),
    onData: (stream, session, callback) => {
      void take(stream, session, { mailbox, room, client: clients.get(session.id) }).then((received) => {
        if (received !== undefined) mailbox.add(received);
        callback(null, 'OK: caught by cgibox, sent to nobody');
      }, callback);
    },
  });
  sink.on('error', () => {});
  return sink;
}

/** Counted in bytes and not in number: sendmail takes a message for as many as its header names. */
function recipientLimit(): NonNullable<SMTPServerOptions['onRcptTo']> {
  // An envelope is a new one for each message.
  const taken = new WeakMap<SMTPServerSession['envelope'], number>();
  return (recipient: SMTPServerAddress, { envelope }, callback) => {
    const bytes = (taken.get(envelope) ?? 0) + JSON.stringify(recipient).length + BYTES_OF_A_RECIPIENT;
    if (bytes > MAX_RECIPIENTS_BYTES) return callback(refusal('Error: too many recipients'));
    taken.set(envelope, bytes);
    callback();
  };
}

/** 452: not now (RFC 5321 §4.2.3). */
function refusal(text: string): Error {
  return Object.assign(new Error(text), { responseCode: 452 });
}

interface Sender {
  readonly mailbox: Mailbox;
  readonly room: Room;
  /** Absent where the client is no process of this machine. */
  readonly client: Promise<ClientProcesses> | undefined;
}

/** The message, or nothing where it was larger than what the server is ready to keep. */
async function take(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  sender: Sender,
): Promise<Received | undefined> {
  const message = new IncomingMessage(sender.room);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      message.add(chunk);
      if (stream.sizeExceeded) message.drop();
    }
    if (stream.sizeExceeded) return undefined;
    if (message.isDropped) throw refusal('Error: too much mail at once, try again in a moment');
    return { ...(await origin(session, sender)), envelope: envelopeOf(session), raw: message.whole() };
  } finally {
    message.drop();
  }
}

async function origin({ xForward }: SMTPServerSession, sender: Sender) {
  const ident = xForward.get('IDENT') || (await requestOf(sender));
  return {
    at: Date.now(),
    // Of whoever connects: no path, and not without end.
    requestId: typeof ident === 'string' && /^[\w-]{1,100}$/.test(ident) ? ident : undefined,
    via: xForward.get('SOURCE') === 'LOCAL' ? ('sendmail' as const) : ('smtp' as const),
  };
}

function envelopeOf({ envelope: { mailFrom, rcptTo } }: SMTPServerSession): Received['envelope'] {
  return { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address) };
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
