// smtp-server, with one thing more that every mail server on a CGI host did: a bare user name is an address of this
// machine. `$smtp->mail($ENV{USER})` and `to('webmaster')` are the example in the manual of Net::SMTP.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { SMTPServer } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';

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
  override _parseAddressCommand(name: string, command: Buffer | string) {
    const line = command.toString();
    return line.length <= MAX_ADDRESS_LINE && super._parseAddressCommand(name, qualified(line));
  }
}

/** "MAIL FROM:root", "RCPT TO:<root> X=1" → with angle brackets, and "@localhost". */
export function qualified(command: string): string {
  const [, head = '', quoted, bare, rest = ''] = /^([^:]*:\s*)(?:<([^<>\s]*)>|([^<>\s]+))(.*)$/s.exec(command) ?? [];
  const address = quoted ?? bare;
  if (address === undefined) return command;
  return `${head}<${address === '' || address.includes('@') ? address : `${address}@localhost`}>${rest}`;
}
