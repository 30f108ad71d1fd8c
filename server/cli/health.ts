// cgibox health: does the server answer? The image's HEALTHCHECK asks it every few seconds, so it loads little.
// Asks `OPTIONS *` (RFC 9110 §9.3.7), which is answered before any script and not logged.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { CgiboxError } from '../errors.ts';
import type { CommonOptions } from './arguments.ts';
import { loadConfiguration } from './load-configuration.ts';
import type { Shell } from './shell.ts';

const PATIENCE_MILLISECONDS = 3000;

interface Answer {
  readonly ok: boolean;
  readonly url: string;
  /** Absent where there was no answer. */
  readonly status: number | undefined;
  readonly milliseconds: number;
  readonly reason: string;
}

/** @throws CgiboxError CONFIG_INVALID, CONFIG_UNREADABLE, SITE_UNUSABLE, USAGE */
export async function health(options: CommonOptions, shell: Shell): Promise<number> {
  const { server } = loadConfiguration(options, shell).config;
  if (server.port === 0) {
    const hint = 'write the port that the server told at its start: cgibox health --port PORT';
    throw new CgiboxError('USAGE', 'Cannot ask port "0": the system chose another one for the server', { hint });
  }
  const answer = await ask({ host: reachable(server.host), port: server.port, isSecure: server.tls !== null });
  if (options.json) shell.stdout.write(`${JSON.stringify(answer)}\n`);
  else if (answer.ok && !options.quiet) shell.stdout.write(`${answer.url} answers in ${answer.milliseconds} ms\n`);
  if (!answer.ok && !options.json) shell.stderr.write(`${answer.url} is not healthy: ${answer.reason}\n`);
  return answer.ok ? 0 : 1;
}

/** "Every address" is no address to connect to: its loopback is. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' || host === '[::]' ? '::1' : host.replace(/^\[(.*)\]$/, '$1');
}

function ask(server: { readonly host: string; readonly port: number; readonly isSecure: boolean }): Promise<Answer> {
  const { host, port, isSecure } = server;
  const url = `${isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const from = performance.now();
  const options = { host, port, method: 'OPTIONS', path: '*', agent: false, timeout: PATIENCE_MILLISECONDS };
  return new Promise((resolve) => {
    const settle = (ok: boolean, status: number | undefined, reason: string) =>
      resolve({ ok, url, status, milliseconds: Math.round(performance.now() - from), reason });
    // The certificate of a development server is its own; what is asked here is only whether it answers.
    const request = isSecure ? requestHttps({ ...options, rejectUnauthorized: false }) : requestHttp(options);
    // `timeout` alone is silence of the socket: a server that drips bytes would hold us for ever.
    const deadline = setTimeout(() => request.destroy(new Error('no answer in time')), PATIENCE_MILLISECONDS);
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('close', () => clearTimeout(deadline));
    request.on('error', (error: NodeJS.ErrnoException) => settle(false, undefined, reasonOf(error)));
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      const ok = status >= 200 && status < 300;
      response.destroy();
      settle(ok, status, ok ? 'answers' : `it answered with status ${status}`);
    });
    request.end();
  });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'nothing listens there';
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return 'its host name is not known';
  return error.message === '' ? (error.code ?? 'no answer') : error.message;
}
