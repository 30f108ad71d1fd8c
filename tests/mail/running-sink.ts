// A sink on a port of its own, and clients that speak bytes to it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { Config } from '../../server/config/schema.ts';
import type { Mail } from '../../server/mail/mailbox.ts';
import { type RunningMail, startMail } from '../../server/mail/smtp.ts';

export type Sink = RunningMail & { readonly port: number };

export async function startSink(t: TestContext, mail: object = {}): Promise<Sink> {
  const config = Config.parse({ mail: { smtpPorts: [0], ...mail } });
  const running = await startMail(config, { warn: (line) => assert.fail(line) });
  t.after(() => running.stop());
  return { ...running, port: running.ports[0] ?? 0 };
}

/** Speaks lines, with CR LF, and gives all that the server said. */
export function talk(port: number, text: string): Promise<string> {
  return talkBytes(port, text.replaceAll('\n', '\r\n'));
}

/** Speaks bytes as they are. */
export async function talkBytes(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let said = '';
  socket.on('data', (chunk: string) => {
    said += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'data'); // the greeting
  socket.write(Buffer.from(text, 'latin1'));
  socket.setTimeout(3000, () => socket.destroy());
  await once(socket, 'close');
  return said;
}

export function only({ mailbox }: RunningMail): Mail {
  const [mail, ...more] = mailbox.list();
  assert.deepEqual(more, []);
  assert.ok(mail);
  return mail;
}

const MESSAGE = 'Subject: hi\n\nHello\n';
export const DIALOG = `EHLO x\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n${MESSAGE}.\nQUIT\n`;
