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
  readonly envelope: Mail['envelope'];
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

export async function listedMail(mail: Mail): Promise<ListedMail> {
  const { id, at, requestId, via, envelope, raw } = mail;
  const { subject, from, to } = await mail.headline();
  return { id, at, requestId: requestId ?? null, via, subject, from, to, envelope, bytes: raw.length };
}

export async function shownMail(mail: Mail): Promise<ShownMail> {
  const { cc, replyTo, date, text, html, headers, attachments, errors } = await mail.message();
  return {
    ...(await listedMail(mail)),
    cc,
    replyTo,
    date: date ?? null,
    text: text ?? null,
    hasHtml: html !== undefined,
    headers,
    attachments: attachments.map(({ name, type, content }) => ({ name, type, bytes: content.length })),
    errors,
  };
}

/** No script, no request to anywhere, no access to us: only what is in the mail itself. */
export const MAIL_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'";

/** The HTML of a mail, its embedded pictures in place. Undefined where it has none. */
export async function mailHtml(mail: Mail): Promise<string | undefined> {
  const { html, attachments } = await mail.message();
  return html?.replace(/\bcid:([^"'\s)>]+)/gi, (link, id: string) => dataUrl(attachments, decoded(id)) ?? link);
}

function dataUrl(attachments: readonly Attachment[], contentId: string): string | undefined {
  const part = attachments.find((attachment) => attachment.contentId === contentId);
  if (part === undefined || !/^image\/[\w.+-]+$/i.test(part.type)) return undefined;
  return `data:${part.type};base64,${part.content.toString('base64')}`;
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
