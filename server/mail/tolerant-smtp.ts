// smtp-server, with what every mail server on a CGI host did, and hand-written clients count on. A bare user name is an
// address of this machine: `$smtp->mail($ENV{USER})` and `to('webmaster')` are the example in the manual of Net::SMTP.
// Who does not wait for the greeting is served, and who ends all lines in LF alone.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { SMTPServer } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { crlfEnds } from './crlf.ts';

/** A path has 256 octets (RFC 5321 §4.5.3.1.3), and there are parameters; the library would keep lines of 16 KB. */
const MAX_ADDRESS_LINE = 1000;

export class TolerantSmtpServer extends SMTPServer {
  override connect(socket: Socket | TLSSocket, options?: Parameters<SMTPServer['connect']>[1]): void {
    const connection = new TolerantConnection(this, socket, options);
    this.connections.add(connection);
    // A client that leaves in the middle is no error of the server.
    connection.on('error', () => {});
    connection.init();
  }
}

class TolerantConnection extends SMTPConnection {
  /** The library waits 100 ms before it greets, to catch who talks too soon. */
  override init(): void {
    this._setListeners(() => {
      const { connections, options } = this._server;
      if (connections.size > Number(options.maxClients))
        return this.send(421, `${this.name} Too many connected clients, try again in a moment`, false);
      this.connectionReady();
    });
  }

  override _createParser(): SMTPStream {
    const parser = new TolerantStream();
    parser.oncommand = (command, callback) => this._onCommand(command, callback);
    parser.on('error', ({ message }) => this.send(421, `Error: ${message}`));
    return parser;
  }

  override _parseAddressCommand(name: string, command: Buffer | string) {
    const line = command.toString();
    const parsed = line.length <= MAX_ADDRESS_LINE && super._parseAddressCommand(name, qualified(masked(line)));
    return parsed && { ...parsed, address: unmasked(parsed.address) };
  }
}

class TolerantStream extends SMTPStream {
  /** Whether the first line ended in LF alone: then all do, and the dot that ends a message stands between such. */
  #isBare: boolean | undefined;
  readonly #crlf = crlfEnds();

  override _write(chunk: Buffer, ...rest: WriteRest): void {
    if (this.#isBare === undefined) {
      const [end] = /\r?\n/.exec(this._remainder + chunk.toString('latin1')) ?? [];
      if (end !== undefined) this.#isBare = end === '\n';
    }
    // What it gives to itself again has CR LF already, and stays so.
    super._write(this.#isBare ? this.#crlf(chunk) : chunk, ...rest);
  }
}

type WriteRest = Parameters<SMTPStream['_write']> extends [Buffer, ...infer Rest] ? Rest : never;

/** Of the private use of Unicode: no address has them. */
const MASK = 0xe000;

/** The library cuts at spaces, "@" and brackets, though they stand in a quoted local part (RFC 5321 §4.1.2). */
function masked(command: string): string {
  return command.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) =>
    quoted.replace(/[ @<>]/g, (char) => String.fromCharCode(MASK + char.charCodeAt(0))),
  );
}

function unmasked(address: string): string {
  return address.replace(/[\ue020-\ue040]/g, (char) => String.fromCharCode(char.charCodeAt(0) - MASK));
}

/** "MAIL FROM:root", "RCPT TO:<root> X=1" → with angle brackets, and "@localhost". */
export function qualified(command: string): string {
  const [, head = '', quoted, bare, rest = ''] = /^([^:]*:\s*)(?:<([^<>\s]*)>|([^<>\s]+))(.*)$/s.exec(command) ?? [];
  const address = quoted ?? bare;
  if (address === undefined) return command;
  return `${head}<${address === '' || address.includes('@') ? address : `${address}@localhost`}>${rest}`;
}
