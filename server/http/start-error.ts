// Why a port cannot be had, in words: for the site, for the inspector, and for the proxy that records.
import { CgiboxError, type ErrorCode } from '../errors.ts';

export interface PortProblem {
  readonly code: Extract<ErrorCode, 'PORT_TAKEN' | 'PORT_FORBIDDEN' | 'ADDRESS_UNAVAILABLE'>;
  readonly reason: string;
}

/** Absent for an error that is a bug, or too rare for words. */
export function portProblem({ code }: NodeJS.ErrnoException): PortProblem | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return { code: 'PORT_TAKEN', reason: 'another program uses that port' };
    case 'EACCES':
      return { code: 'PORT_FORBIDDEN', reason: 'the system allows that port only to root' };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
      return { code: 'ADDRESS_UNAVAILABLE', reason: 'this machine has no such address' };
    default:
      return undefined;
  }
}

const HINTS: Readonly<Record<PortProblem['code'], string>> = {
  PORT_TAKEN: 'end that program, or choose another port with --port',
  PORT_FORBIDDEN: 'choose a port above 1023 with --port',
  ADDRESS_UNAVAILABLE: 'use 127.0.0.1, 0.0.0.0 for every address, or one that "ip address" shows',
};

/** A CgiboxError for what `server.host` and `server.port` say; any other error is given back as it is. */
export function startError(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const problem = portProblem(error as NodeJS.ErrnoException);
  if (problem === undefined) return error;
  return new CgiboxError(problem.code, `Cannot listen on "${host}:${port}": ${problem.reason}`, {
    hint: HINTS[problem.code],
    cause: error,
  });
}
