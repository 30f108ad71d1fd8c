// What is said to an SMTP client (RFC 5321; smtp-server), and what of it becomes a mail. Loaded with the first client:
// most sites are looked at without a mail, and the library takes memory. One mail costs at most its limit.
import type { SMTPServer, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { requestOfClient } from './client-process.ts';
import type { Mailbox, Received } from './mailbox.ts';
import { TolerantSmtpServer } from './tolerant-smtp.ts';

const MAX_MESSAGE_BYTES = 25 * 1024 * 1024;
const MAX_CLIENTS = 50;
const MAX_RECIPIENTS = 1000;
const IDLE_MS = 60_000;

/** It listens nowhere: give it connections with `connect`. */
export function createSink(mailbox: Mailbox): SMTPServer {
  const requests = new Map<string, Promise<string | undefined>>();
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
