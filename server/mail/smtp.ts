// The ports on which mail comes in. The only file of this room that opens one; what is said there is in smtp-sink.ts.
// Promises: a port that cannot be had is a warning and no more; loopback only; nothing is ever relayed.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Config } from '../config/schema.ts';
import { Mailbox } from './mailbox.ts';
import { socketName } from './socket-name.ts';

const HOST = '127.0.0.1';

export interface RunningMail {
  readonly mailbox: Mailbox;
  /** The TCP ports really bound. */
  readonly ports: readonly number[];
  /** Takes `mail.keep`; a change of the others is for the next start, and warned about. */
  reconfigure(config: Config): void;
  /** Ends every connection too. */
  stop(): Promise<void>;
}

export interface MailSurroundings {
  readonly warn: (line: string) => void;
}

/**
 * Starts to catch mail, on the ports of `mail.smtpPorts` and on a socket that only sendmail.ts knows of.
 *
 * With `mail.enabled: false` nothing listens, and the mailbox stays empty. Never rejects.
 */
export async function startMail(config: Config, { warn }: MailSurroundings): Promise<RunningMail> {
  const { enabled, keep, smtpPorts } = config.mail;
  const mailbox = new Mailbox(keep);
  const doors = new Doors(mailbox);
  if (enabled) await doors.open(smtpPorts, warn);
  return {
    mailbox,
    ports: doors.ports,
    reconfigure: (changed) => {
      mailbox.setKeep(changed.mail.keep);
      if (changed.mail.enabled !== enabled || changed.mail.smtpPorts.join() !== smtpPorts.join())
        warn('mail.enabled and mail.smtpPorts take effect at the next start');
    },
    stop: () => doors.close(),
  };
}

type Sink = ReturnType<typeof import('./smtp-sink.ts').createSink>;

class Doors {
  readonly ports: number[] = [];
  readonly #mailbox: Mailbox;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #sink: Promise<Sink> | undefined;

  constructor(mailbox: Mailbox) {
    this.#mailbox = mailbox;
  }

  async open(ports: readonly number[], warn: (line: string) => void): Promise<void> {
    // Where it cannot be had (no Linux, a second site in one process), sendmail takes a port.
    await this.#listen({ path: socketName(process.pid) }).catch(() => undefined);
    for (const port of new Set(ports)) {
      try {
        const server = await this.#listen({ port, host: HOST });
        this.ports.push((server.address() as AddressInfo).port);
      } catch (error) {
        warn(portProblem(port, error as NodeJS.ErrnoException));
      }
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      this.#servers.map((server) => {
        server.close();
        return once(server, 'close');
      }),
    );
  }

  async #listen(where: { readonly path: string } | { readonly port: number; readonly host: string }): Promise<Server> {
    const server = createServer((socket) => this.#accept(socket));
    server.listen(where);
    await once(server, 'listening');
    server.on('error', () => {}); // one connection that cannot be accepted is no end of the others
    this.#servers.push(server);
    return server;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A client that leaves in the middle is its own affair.
    socket.on('error', () => {});
    this.#sink ??= import('./smtp-sink.ts').then(({ createSink }) => createSink(this.#mailbox));
    void this.#sink.then(
      (sink) => {
        if (!socket.destroyed) sink.connect(socket);
      },
      () => {
        // Its files could not be opened: while descriptors are short, say. The next client may have better luck.
        this.#sink = undefined;
        socket.destroy();
      },
    );
  }
}

function portProblem(port: number, error: NodeJS.ErrnoException): string {
  const cannot = `mail to port ${port} is not caught:`;
  if (error.code === 'EADDRINUSE')
    return `${cannot} another program uses that port; end it, or change mail.smtpPorts (the site is not affected)`;
  if (error.code === 'EACCES')
    return `${cannot} the system allows that port only to root; change mail.smtpPorts (the site is not affected)`;
  return `${cannot} ${error.message}; change mail.smtpPorts (the site is not affected)`;
}
