// Certificate and key of `server.tls`: a door to the file system. What is wrong with them is told before the port is opened.
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config/schema.ts';
import { CgiboxError } from '../errors.ts';

type Files = NonNullable<Config['server']['tls']>;

/**
 * Reads both PEM files.
 *
 * @throws CgiboxError TLS_UNUSABLE where one cannot be read, is no PEM, or they do not belong together
 */
export function certificateAndKey(files: Files): { readonly cert: Buffer; readonly key: Buffer } {
  const pair = { cert: read(files.certificate, 'certificate'), key: read(files.key, 'key') };
  try {
    createSecureContext(pair);
  } catch (error) {
    throw unusable(`Cannot use the certificate "${files.certificate}" with the key "${files.key}"`, error);
  }
  return pair;
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unusable(`Cannot read the ${what} "${file}"`, error);
  }
}

function unusable(cannot: string, error: unknown): CgiboxError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CgiboxError('TLS_UNUSABLE', `${cannot}: ${reason}`, {
    hint: 'name PEM files that belong together in server.tls, or remove server.tls to serve plain HTTP',
    cause: error,
  });
}
