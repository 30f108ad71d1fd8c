// Caught mail as the inspector shows it (PRODUCT.md section 8). What a sender wrote is never trusted: HTML only in a sandbox.
import type { Mail } from '../mail/mailbox.ts';
import type { Attachment, Message } from '../mail/message.ts';

export interface ListedMail {
  readonly id: string;
  readonly at: number;
  /** Request whose script sent it; null where that is not known. */
  readonly requestId: string | null;
  readonly via: 'sendmail' | 'smtp';
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  /** In a list with its first recipients only; `recipients` is the number of all. */
  readonly envelope: Mail['envelope'];
  readonly recipients: number;
  readonly bytes: number;
}

export interface ShownMail extends ListedMail {
  readonly cc: string;
  readonly replyTo: string;
  readonly date: number | null;
  readonly text: string | null;
  readonly hasHtml: boolean;
  readonly headers: Message['headers'];
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly bytes: number }[];
  readonly errors: readonly string[];
}

const LISTED_RECIPIENTS = 20;

export async function listedMail(mail: Mail): Promise<ListedMail> {
  const { id, at, requestId, via, envelope, raw } = mail;
  const { subject, from, to } = await mail.headline();
  return {
    id,
    at,
    requestId: requestId ?? null,
    via,
    subject,
    from,
    to,
    envelope: { from: envelope.from, to: envelope.to.slice(0, LISTED_RECIPIENTS) },
    recipients: envelope.to.length,
    bytes: raw.length,
  };
}

export async function shownMail(mail: Mail): Promise<ShownMail> {
  const message = await mail.message();
  const { cc, replyTo, date, text, html, headers, attachments, errors } = message;
  return {
    ...(await listedMail(mail)),
    envelope: mail.envelope,
    cc,
    replyTo,
    date: date ?? null,
    text: text ?? null,
    hasHtml: html !== undefined,
    headers,
    attachments: attachments.map(({ name, type, content }) => ({ name, type, bytes: content.length })),
    errors: [...errors, ...leftProblems(withPictures(message))],
  };
}

/** No script, no request to anywhere, no access to us: only what is in the mail itself. */
export const MAIL_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'";

/** What all pictures in a HTML may come to: each is written out at every place that shows it. */
const MAX_PICTURE_MEGABYTES = 32;

/** The HTML of a mail, its embedded pictures in place. Undefined where it has none. */
export async function mailHtml(mail: Mail): Promise<string | undefined> {
  return withPictures(await mail.message()).html;
}

interface Pictured {
  readonly html: string | undefined;
  /** Links that stayed links at some places, for there would be too much. */
  readonly left: readonly string[];
}

function withPictures({ html, attachments }: Message): Pictured {
  const urls = dataUrls(attachments);
  const left = new Set<string>();
  let room = MAX_PICTURE_MEGABYTES * 1024 * 1024;
  const pictured = html?.replace(/\bcid:([^"'\s)>]+)/gi, (link, id: string) => {
    const contentId = decoded(id);
    const url = urls.get(contentId);
    if (url === undefined) return link;
    if (url.length > room) {
      left.add(`cid:${contentId}`);
      return link;
    }
    room -= url.length;
    return url;
  });
  return { html: pictured, left: [...left] };
}

function leftProblems({ left }: Pictured): readonly string[] {
  if (left.length === 0) return [];
  const links = left.join(', ');
  return [`the pictures in the HTML come to more than ${MAX_PICTURE_MEGABYTES} MB: not everywhere shown is ${links}`];
}

/** By Content-ID; of two parts with the same the first counts. */
function dataUrls(attachments: readonly Attachment[]): ReadonlyMap<string | undefined, string> {
  const pictures = attachments.filter(({ type }) => /^image\/[\w.+-]+$/i.test(type));
  return new Map(
    pictures
      .toReversed()
      .map(({ contentId, type, content }) => [contentId, `data:${type};base64,${content.toString('base64')}`]),
  );
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
