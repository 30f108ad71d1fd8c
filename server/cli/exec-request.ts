// The request that cgibox exec makes: what the command line says, or what the inspector of a running server recorded.
// As curl would send it: Host, User-Agent and Accept, and a form's type for a body that names none.

import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { HeaderField } from '../cgi/script-request.ts';
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import { CgiboxError } from '../errors.ts';
import type { ExecCommand } from './arguments.ts';

export interface ExecRequest {
  readonly method: string;
  /** Path and query, or a whole URL. */
  readonly url: ByteString;
  readonly protocol: string;
  readonly fields: readonly HeaderField[];
  /** Absent where there is none; an empty one is a body too. */
  readonly body: Buffer | undefined;
}

export interface ExecSurroundings {
  readonly config: Config;
  /** "cgibox/1.0" */
  readonly software: string;
  readonly workingDirectory: string;
}

/** @throws CgiboxError USAGE */
export async function execRequest(command: ExecCommand, at: ExecSurroundings): Promise<ExecRequest> {
  const { asked } = command;
  const own = command.body === undefined ? undefined : await readBody(command.body, at.workingDirectory);
  const written = command.headers.map(([name, value]): HeaderField => [name, bytesOfText(value)]);
  if ('id' in asked) {
    const recorded = await recordedRequest(asked.id, at.config);
    const fields = over(written, recorded.fields);
    return { ...recorded, fields, body: own ?? recorded.body };
  }
  const usual: HeaderField[] = [
    ['Host', `localhost:${at.config.server.port}`],
    ['User-Agent', at.software],
    ['Accept', '*/*'],
    ...(own === undefined ? [] : [['Content-Type', 'application/x-www-form-urlencoded'] as const]),
  ];
  const fields = over(written, usual);
  return { method: asked.method, url: bytesOfText(asked.url), protocol: 'HTTP/1.1', fields, body: own };
}

/** What is written takes the place of a field with its name. */
function over(written: readonly HeaderField[], others: readonly HeaderField[]): readonly HeaderField[] {
  const names = new Set(written.map(([name]) => name.toLowerCase()));
  return [...others.filter(([name]) => !names.has(name.toLowerCase())), ...written];
}

const STDIN = 0;

async function readBody(word: string, workingDirectory: string): Promise<Buffer> {
  if (word === '-') return buffer(createReadStream('', { fd: STDIN, autoClose: false }));
  if (!word.startsWith('@')) return Buffer.from(word, 'utf8');
  const file = resolve(workingDirectory, word.slice(1));
  try {
    return await readFile(file);
  } catch (cause) {
    const { message } = cause as Error;
    const hint = 'write --body @FILE with a file that is there, or --body - for stdin';
    throw new CgiboxError('USAGE', `Cannot read the body "${word.slice(1)}": ${message}`, { hint, cause });
  }
}

/** As far as it is needed here; the whole is GET /api/requests/ID (README, Inspector). */
interface RecordedDetail {
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly protocol: string;
    readonly fields: readonly { readonly name: string; readonly value: string }[];
    readonly body: { readonly keptBytes: number; readonly totalBytes: number };
  };
}

async function recordedRequest(id: string, config: Config): Promise<ExecRequest> {
  const api = `${inspectorUrl(config)}/api/requests/${encodeURIComponent(id)}`;
  const { request } = (await (await ask(`${api}?reveal=1`, id)).json()) as RecordedDetail;
  const { keptBytes, totalBytes } = request.body;
  if (keptBytes < totalBytes)
    throw new CgiboxError(
      'USAGE',
      `Cannot run "${id}": only ${keptBytes} of ${totalBytes} bytes of its body were kept`,
      {
        hint: 'give the body with --body @FILE and the URL, or raise inspector.keepBytes and send the request again',
      },
    );
  const body = totalBytes === 0 ? undefined : Buffer.from(await (await ask(`${api}/streams/body`, id)).arrayBuffer());
  return {
    method: request.method,
    url: bytesOfText(request.target),
    protocol: request.protocol,
    fields: request.fields.map(({ name, value }) => [bytesOfText(name), bytesOfText(value)]),
    body,
  };
}

function inspectorUrl({ inspector }: Config): string {
  const host = inspector.host === '0.0.0.0' || inspector.host === '::' ? '127.0.0.1' : inspector.host;
  return `http://${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}:${inspector.port}`;
}

async function ask(url: string, id: string): Promise<Response> {
  const response = await fetch(url).catch((cause: unknown) => {
    const hint = 'start the server, or say where its inspector is: CGIBOX_INSPECTOR_PORT=PORT cgibox exec --from …';
    const where = new URL(url).origin;
    throw new CgiboxError('USAGE', `Cannot ask "${where}" for the request: no inspector answers there`, {
      hint,
      cause,
    });
  });
  if (response.ok) return response;
  const hint = 'take the id of a request in its list; older ones make room for newer ones (inspector.keep)';
  throw new CgiboxError('USAGE', `Cannot run "${id}": the inspector has no such request`, { hint });
}
