// Which request an SMTP client works for: its end of the connection → its process → the session that a script leads, or
// UNIQUE_ID in the environment it was started with (which of a warm script is the resident's). All through /proc
// (proc(5)). Only a hint: no answer after a moment, or on another system, leaves the mail unassigned.
import { readdir, readFile, readlink, stat } from 'node:fs/promises';

export interface ClientEnd {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
}

/** What is known of the processes at the other end. */
export interface ClientProcesses {
  /** Session ids, which are the numbers of their leaders; a script leads its own. */
  readonly sessions: readonly number[];
  /** UNIQUE_ID that one of them was started with. */
  readonly uniqueId: string | undefined;
}

const PATIENCE_MS = 500;

/** Looks for the processes that hold the connection, until one `isKnown` or has a UNIQUE_ID. Never rejects. */
export async function clientProcesses(
  client: ClientEnd,
  isKnown: (session: number) => boolean,
): Promise<ClientProcesses> {
  const sessions: number[] = [];
  const uniqueId = await find(client, async (pid) => {
    const session = await sessionOf(pid);
    if (session !== undefined) sessions.push(session);
    // A pipe's child may hold the same connection, with another environment.
    return { uniqueId: await uniqueIdOf(pid), isEnough: session !== undefined && isKnown(session) };
  }).catch(() => undefined);
  return { sessions, uniqueId };
}

type Look = (pid: number) => Promise<{ readonly uniqueId: string | undefined; readonly isEnough: boolean }>;

async function find(client: ClientEnd, look: Look): Promise<string | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const inode = await socketInode(client);
  if (inode === undefined) return undefined;
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  // The script is nearly always among the newest.
  for (const pid of names.toSorted((left, right) => right - left)) {
    if (patience.aborted) return undefined;
    if (!(await mayRead(pid)) || !(await holds(pid, `socket:[${inode}]`))) continue;
    const { uniqueId, isEnough } = await look(pid);
    if (isEnough || uniqueId !== undefined) return uniqueId;
  }
  return undefined;
}

/** The client's own entry in the table: its local end is our remote one. */
async function socketInode({ remotePort, localPort }: ClientEnd): Promise<string | undefined> {
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const lines = (await readFile(table, 'latin1').catch(() => '')).split('\n');
    for (const line of lines) {
      const [, local = '', remote = '', , , , , , , inode] = line.trim().split(/\s+/);
      if (portIn(local) === remotePort && portIn(remote) === localPort) return inode;
    }
  }
  return undefined;
}

function portIn(end: string): number {
  return Number.parseInt(end.slice(end.lastIndexOf(':') + 1), 16);
}

async function mayRead(pid: number): Promise<boolean> {
  const owner = await stat(`/proc/${pid}`).catch(() => undefined);
  return owner !== undefined && (owner.uid === process.getuid?.() || process.getuid?.() === 0);
}

async function holds(pid: number, link: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  const links = await Promise.all(descriptors.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return links.includes(link);
}

/** Field 6 of the line; the name in brackets may hold anything. */
async function sessionOf(pid: number): Promise<number | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const session = Number(
    line
      .slice(line.lastIndexOf(')') + 1)
      .trim()
      .split(' ')[3],
  );
  return session > 0 ? session : undefined;
}

async function uniqueIdOf(pid: number): Promise<string | undefined> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  const entry = environment.split('\0').find((variable) => variable.startsWith('UNIQUE_ID='));
  return entry?.slice('UNIQUE_ID='.length);
}
