// Which request an SMTP client works for: its end of the connection → its process → UNIQUE_ID in that environment, all
// through /proc (proc(5)). Only a hint: no answer after a moment, or on another system, leaves the mail unassigned.
import { readdir, readFile, readlink, stat } from 'node:fs/promises';

export interface ClientEnd {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
}

const PATIENCE_MS = 500;

/** UNIQUE_ID of the process at the other end; absent where it cannot be found. Never rejects. */
export function requestOfClient(client: ClientEnd): Promise<string | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  return find(client, patience).catch(() => undefined);
}

async function find(client: ClientEnd, patience: AbortSignal): Promise<string | undefined> {
  const inode = await socketInode(client);
  if (inode === undefined) return undefined;
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  // The script is nearly always among the newest.
  for (const pid of names.toSorted((left, right) => right - left)) {
    if (patience.aborted) return undefined;
    if (!(await mayRead(pid)) || !(await holds(pid, `socket:[${inode}]`))) continue;
    const id = await uniqueId(pid);
    // A pipe's child may hold the same connection, with another environment.
    if (id !== undefined) return id;
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

async function uniqueId(pid: number): Promise<string | undefined> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  const entry = environment.split('\0').find((variable) => variable.startsWith('UNIQUE_ID='));
  return entry?.slice('UNIQUE_ID='.length);
}
