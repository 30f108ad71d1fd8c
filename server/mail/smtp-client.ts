// sendmail.ts's side of SMTP (RFC 5321): finds the server, says which request it works for, hands one message over.
// Only node:net and node:fs: scripts wait for this program, and every module that is loaded costs them time.
import { readFileSync } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { ByteString } from '../config/byte-string.ts';
import { socketName } from './socket-name.ts';

/** The server said no, or is no longer there. `status` is that of its reply; 0 where none came. */
export class SmtpRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Session {
  readonly socket: Socket;
  /** First line of the server, as it came. */
  readonly greeting: string;
  /** Sends a line, and settles with the reply; throws SmtpRefusal where it is not one of 2xx or 3xx. */
  command(line: ByteString): Promise<string>;
}

const PATIENCE_MS = 10_000;
const HOST = '127.0.0.1';
/** A server above a script is never far; deeper is a loop of something else. */
const MAX_ANCESTORS = 64;

export interface Search {
  /** Of the parent of this program. */
  readonly parentPid: number;
  /** Tried in this order where no ancestor is a server that catches mail. */
  readonly ports: readonly number[];
}

/** Connects to the server that runs this script, else to the first port that answers; undefined where none does. */
export async function openSession({ parentPid, ports }: Search): Promise<Session | undefined> {
  const ways: NetConnectOpts[] = [
    ...ancestors(parentPid).map((pid) => ({ path: socketName(pid) })),
    ...ports.map((port) => ({ host: HOST, port })),
  ];
  for (const way of ways) {
    const socket = await connected(way);
    if (socket === undefined) continue;
    const session = await greeted(socket);
    // Any other mail server would send the mail on: this one is left alone.
    if (session !== undefined) return session;
    socket.destroy();
  }
  return undefined;
}

/** Tells the server who speaks: XFORWARD is what mail servers tell each other of a message's origin with. */
export async function introduce(session: Session, requestId: string | undefined): Promise<void> {
  const ident = requestId === undefined || !/^[\w-]+$/.test(requestId) ? '' : ` IDENT=${requestId}`;
  await session.command(`XFORWARD SOURCE=LOCAL${ident}`);
}

/** Hands over the content of DATA. */
export async function sendData(session: Session, message: ByteString): Promise<void> {
  await session.command('DATA');
  // Not with ^ and /m: to a regular expression a CR alone ends a line too.
  const doubled = message.replace(/(^|\n)\./g, '$1..');
  const end = doubled === '' || doubled.endsWith('\r\n') ? '' : '\r\n';
  await session.command(`${doubled}${end}.`);
}

function ancestors(pid: number): readonly number[] {
  const chain: number[] = [];
  for (let next = pid; next > 1 && chain.length < MAX_ANCESTORS; next = parentOf(next)) chain.push(next);
  return chain;
}

/** proc(5): the name in parentheses may hold anything. */
function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function connected(way: NetConnectOpts): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(way);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

async function greeted(socket: Socket): Promise<Session | undefined> {
  const replies = replyReader(socket);
  const greeting = await replies().catch(() => '');
  if (!/^220 .*cgibox/.test(greeting)) return undefined;
  return {
    socket,
    greeting,
    command: async (line) => {
      socket.write(Buffer.from(`${line}\r\n`, 'latin1'));
      const reply = await replies();
      const status = Number(reply.slice(0, 3));
      if (status >= 200 && status < 400) return reply;
      throw new SmtpRefusal(status, reply.slice(4));
    },
  };
}

/** Gives one reply at each call: the last of its lines ("250 " and not "250-"). */
function replyReader(socket: Socket): () => Promise<string> {
  let received = '';
  let isOver = false;
  let wake = () => {};
  socket.setEncoding('latin1');
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('data', (text: string) => {
    received += text;
    wake();
  });
  for (const event of ['close', 'error'])
    socket.on(event, () => {
      isOver = true;
      wake();
    });
  return async () => {
    for (;;) {
      const [whole, last] = /^(?:\d{3}-.*\r?\n)*(\d{3}(?: .*)?)\r?\n/.exec(received) ?? [];
      if (whole !== undefined && last !== undefined) {
        received = received.slice(whole.length);
        return last;
      }
      if (isOver) throw new SmtpRefusal(0, 'the connection to the mail server of cgibox is over');
      const news = Promise.withResolvers<void>();
      wake = news.resolve;
      await news.promise;
    }
  };
}
