// The mail that scripts sent: the last ones, in memory of the server. Nothing is written to disk and nothing leaves.
// Bounded in number (`mail.keep`) and in bytes; the oldest goes first, and the newest always stays.
import { randomUUID } from 'node:crypto';
import type { Headline, Message } from './message.ts';

/** Who a mail is from and to, as the sender told the mail server: often not what its header says. */
export interface Envelope {
  /** "" is the null sender of bounces. */
  readonly from: string;
  readonly to: readonly string[];
}

export interface Mail {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** UNIQUE_ID of the request whose script sent it; absent where that is not known. */
  readonly requestId: string | undefined;
  readonly via: 'sendmail' | 'smtp';
  readonly envelope: Envelope;
  /** The message as it came, with CRLF line ends; without the dots that SMTP doubles. */
  readonly raw: Buffer;
  /** What a list shows. Read once, and kept. Rejects where the parser cannot be loaded. */
  headline(): Promise<Headline>;
  /** The whole message, decoded. Read anew at each call: its attachments are as large as itself. Rejects as `headline` does. */
  message(): Promise<Message>;
}

/** Which request the script runs for that leads a session of processes (setsid(2)); absent where none does. */
export type RequestOfSession = (session: number) => string | undefined;

export type Received = Pick<Mail, 'at' | 'requestId' | 'via' | 'envelope' | 'raw'>;

/** As many bytes of mail are kept as the inspector keeps of requests. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What an address takes beside its characters: its string, and its place in a list. */
const BYTES_OF_AN_ADDRESS = 100;

export class Mailbox {
  #keep: number;
  readonly #maxBytes: number;
  /** Oldest first. */
  #mails: Mail[] = [];
  #bytes = 0;
  readonly #listeners = new Set<(mail: Mail) => void>();
  readonly #servers = new Set<RequestOfSession>();

  constructor(keep: number, maxBytes = MAX_BYTES) {
    this.#keep = keep;
    this.#maxBytes = maxBytes;
  }

  /** Takes a mail, and tells those who wait for one. */
  add(received: Received): Mail {
    const mail = asMail(received);
    this.#mails.push(mail);
    this.#bytes += bytesOf(mail);
    this.#evict();
    for (const tell of this.#listeners) tell(mail);
    return mail;
  }

  /** Newest first. */
  list(): readonly Mail[] {
    return this.#mails.toReversed();
  }

  get(id: string): Mail | undefined {
    return this.#mails.find((mail) => mail.id === id);
  }

  /** The mail that one request sent, in the order in which it came. */
  ofRequest(requestId: string): readonly Mail[] {
    return this.#mails.filter((mail) => mail.requestId === requestId);
  }

  /** Calls back for each mail from now on, until the function that is returned is called. The callback must not throw. */
  onMail(callback: (mail: Mail) => void): () => void {
    // Wrapped: who asks twice is told twice, and leaves twice.
    const tell = (mail: Mail) => callback(mail);
    this.#listeners.add(tell);
    return () => void this.#listeners.delete(tell);
  }

  /** Names a server whose scripts send mail; several may share a mailbox. */
  askAboutSessions(server: RequestOfSession): void {
    this.#servers.add(server);
  }

  /** As the servers know it. */
  requestOfSession(session: number): string | undefined {
    for (const server of this.#servers) {
      const request = server(session);
      if (request !== undefined) return request;
    }
    return undefined;
  }

  clear(): void {
    this.#mails = [];
    this.#bytes = 0;
  }

  /** `mail.keep` of a new configuration. */
  setKeep(keep: number): void {
    this.#keep = keep;
    this.#evict();
  }

  #evict(): void {
    while (this.#mails.length > this.#keep || (this.#bytes > this.#maxBytes && this.#mails.length > 1)) {
      const oldest = this.#mails.shift();
      if (oldest !== undefined) this.#bytes -= bytesOf(oldest);
    }
  }
}

function bytesOf({ raw, envelope: { from, to } }: Mail): number {
  return [from, ...to].reduce((bytes, address) => bytes + address.length + BYTES_OF_AN_ADDRESS, raw.length);
}

// The parser is large, and most mail is never looked at: it is loaded when the first one is.
function asMail(received: Received): Mail {
  const { raw } = received;
  let headline: Promise<Headline> | undefined;
  return {
    ...received,
    id: randomUUID(),
    headline: () => {
      headline ??= import('./message.ts')
        .then(({ readHeadline }) => readHeadline(raw))
        .catch((error: unknown) => {
          headline = undefined; // the next one who asks may find a descriptor for the file
          throw error;
        });
      return headline;
    },
    message: async () => {
      const { readMessage } = await import('./message.ts');
      return readMessage(raw);
    },
  };
}
