// The stand-in for sendmail: reads a message as /usr/sbin/sendmail does, and hands it to the server that runs the script.
// Promises: exit codes as sendmail's (sysexits.h); the mail goes to cgibox or nowhere.
import { Transform } from 'node:stream';
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import { addressList } from './address-list.ts';
import { crlfEnds } from './crlf.ts';
import { readSendmailOptions, type SendmailOptions } from './sendmail-options.ts';
import { introduce, openSession, type Session, SmtpRefusal, sendData } from './smtp-client.ts';
import { readSubmission, untilLoneDot } from './submission.ts';

const EXIT = {
  good: 0,
  usage: 64,
  noUser: 67,
  unavailable: 69,
  ioError: 74,
  tryLater: 75,
} as const;

/** What the process lends to this program. */
export interface SendmailProcess {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly parentPid: number;
  /** Name of the user that runs it: who the mail is from, where nothing says otherwise. */
  readonly user: string;
  readonly stdin: NodeJS.ReadableStream & AsyncIterable<Buffer>;
  readonly stdout: NodeJS.WritableStream;
  readonly complain: (line: string) => void;
}

const DEFAULT_PORTS = [1025];
/** From the end of stdin on, for what the server still has to say; QUIT ends it at once. */
const LAST_REPLIES_MS = 500;
/** A little more than the server takes: it says no in its own words. */
const MAX_INPUT_BYTES = 32 * 1024 * 1024;

/** Runs sendmail with these arguments; settles with its exit code. Never rejects. */
export async function sendmail(words: readonly string[], from: SendmailProcess): Promise<number> {
  const options = readSendmailOptions(words.map(bytesOfText));
  if (options.kind === 'usage') return refuse(from, EXIT.usage, options.problem);
  if (options.mode === 'nothing') return EXIT.good;
  try {
    return options.mode === 'smtp' ? await speakSmtp(from) : await deliver(options, from);
  } catch (error) {
    if (!(error instanceof SmtpRefusal)) return refuse(from, EXIT.ioError, String(error));
    const isForLater = error.status === 0 || error.status < 500;
    return refuse(from, isForLater ? EXIT.tryLater : EXIT.unavailable, error.message);
  }
}

async function deliver(options: SendmailOptions, from: SendmailProcess): Promise<number> {
  if (!options.fromHeader && options.recipients.length === 0)
    return refuse(from, EXIT.usage, 'recipient names must be specified, as arguments or with -t in the header');
  const input = await readInput(from.stdin, options.ignoreDots);
  if (input === undefined) return refuse(from, EXIT.unavailable, 'the message is too large');
  const sender = addressList(options.sender ?? '')[0] ?? (options.sender === undefined ? from.user : '');
  const { message, recipients } = readSubmission(options.ignoreDots ? input : untilLoneDot(input), {
    fromHeader: options.fromHeader,
    from: fromField(options, sender || from.user),
  });
  const all = [...new Set([...options.recipients.flatMap(addressList), ...recipients])];
  if (all.length === 0) return refuse(from, EXIT.usage, 'no recipient addresses found in the header');
  const session = await openServer(from);
  if (session === undefined) return refuse(from, EXIT.tryLater, NOBODY);
  return submit(session, { from, sender, recipients: all, message });
}

interface Envelope {
  readonly from: SendmailProcess;
  readonly sender: ByteString;
  readonly recipients: readonly ByteString[];
  readonly message: ByteString;
}

async function submit(session: Session, { from, sender, recipients, message }: Envelope): Promise<number> {
  await session.command('EHLO localhost');
  await introduce(session, from.environment.UNIQUE_ID);
  await session.command(`MAIL FROM:<${oneWord(sender)}>`);
  let code: number = EXIT.good;
  for (const recipient of recipients) {
    const refusal = await acceptRecipient(session, recipient);
    if (refusal !== undefined) code = refuse(from, EXIT.noUser, `${recipient}: ${refusal}`);
  }
  // Sent to those who can be reached, as sendmail does; with none of them the server refuses it.
  if (code !== EXIT.good && recipients.length === 1) return code;
  await sendData(session, message);
  session.socket.end('QUIT\r\n');
  return code;
}

async function acceptRecipient(session: Session, recipient: ByteString): Promise<string | undefined> {
  try {
    await session.command(`RCPT TO:<${oneWord(recipient)}>`);
    return undefined;
  } catch (error) {
    if (error instanceof SmtpRefusal && error.status >= 500) return error.message;
    throw error;
  }
}

/** Control characters of ASCII: what Unicode calls so beside them are bytes of letters here. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const CONTROL = /[\u0000-\u001f\u007f]/g;

/** A line end in an address would be a further command. */
function oneWord(address: ByteString): ByteString {
  return address.replace(CONTROL, '');
}

/** -bs: the script speaks SMTP itself. Our introduction comes before its first word. */
async function speakSmtp(from: SendmailProcess): Promise<number> {
  const session = await openServer(from);
  if (session === undefined) return refuse(from, EXIT.tryLater, NOBODY);
  await introduce(session, from.environment.UNIQUE_ID);
  const { socket } = session;
  socket.setTimeout(0);
  from.stdout.write(`${session.greeting}\r\n`);
  let isInMessage = false;
  socket.on('data', (text: string) => {
    from.stdout.write(Buffer.from(text, 'latin1'));
    isInMessage = /(?:^|\n)354[^\n]*\n$/.test(text);
  });
  const crlf = crlfEnds();
  const lines = new Transform({ transform: (chunk: Buffer, _encoding, done) => done(null, crlf(chunk)) });
  // Not ended with stdin: the server would leave without its last replies.
  from.stdin.pipe(lines).pipe(socket, { end: false });
  from.stdin.once('end', () => socket.setTimeout(LAST_REPLIES_MS, () => socket.destroy()));
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return isInMessage ? refuse(from, EXIT.tryLater, 'the session ended before the message was taken') : EXIT.good;
}

const NOBODY = 'no server of cgibox catches mail here: start cgibox, and see mail.enabled and mail.smtpPorts';

function openServer({ environment, parentPid }: SendmailProcess): Promise<Session | undefined> {
  return openSession({ parentPid, ports: portsOf(environment.CGIBOX_MAIL_SMTP_PORTS) });
}

/** As the configuration reads it: "[1025, 25]". */
function portsOf(variable: string | undefined): readonly number[] {
  const ports = (variable ?? '').match(/\d+/g)?.map(Number) ?? [];
  return ports.length === 0 ? DEFAULT_PORTS : ports;
}

function fromField({ fullName }: SendmailOptions, sender: ByteString): ByteString {
  const address = sender.includes('@') ? sender : `${sender}@localhost`;
  const field = fullName === undefined ? address : `"${fullName.replace(/["\\]/g, '\\$&')}" <${address}>`;
  // A line end would begin a field of its own.
  return field.replace(CONTROL, ' ');
}

/** Undefined where it is too large. Stops at a lone dot, where that is the end: a script may keep its pipe open. */
async function readInput(stdin: SendmailProcess['stdin'], ignoreDots: boolean): Promise<ByteString | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  let seam = '\n'; // the last bytes before a chunk: the dot may lie across
  for await (const chunk of stdin) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_INPUT_BYTES) return undefined;
    const recent = seam + chunk.toString('latin1');
    if (!ignoreDots && /\n\.\r?\n/.test(recent)) break;
    seam = recent.slice(-3);
  }
  return Buffer.concat(chunks).toString('latin1');
}

function refuse({ complain }: SendmailProcess, code: number, problem: string): number {
  complain(`sendmail: ${problem}`);
  return code;
}
