// The inspector over HTTP: its page, its API under /api, and who may speak to it. The only file of the room with Fastify.
import { readFileSync } from 'node:fs';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import * as answers from './answers.ts';
import { ASSETS, PAGE } from './asset-names.ts';
import { fileVersion } from './file-version.ts';
import { FilterQuery, filterOf } from './filter.ts';
import { refusalOf } from './guard.ts';
import type { InspectedSite } from './inspected-site.ts';
import { liveList, message } from './live.ts';
import { listedMail, MAIL_POLICY, mailHtml, shownMail } from './mail-view.ts';
import { smokeSavedAnswer, smokeTextAnswer } from './smoke-answers.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<answers.Answer> | answers.Answer;

// Everything is of this origin; nothing inline, no frame around us, no form that leads elsewhere.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const MOST_EDITED_BYTES = 32 * 1024 * 1024;
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;

/** Builds the app; it is not listening yet. `warn` is told of its own mistakes, with their stack. */
export function createInspectorApp(site: InspectedSite, warn: (line: string) => void): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: MOST_EDITED_BYTES, forceCloseConnections: true });
  app.addHook('onRequest', async (request, reply) => {
    secure(reply);
    const refusal = refusalOf(visitOf(request));
    if (refusal !== undefined) await reply.code(403).send({ error: refusal });
  });
  app.setErrorHandler((error, _request, reply) => sendAnswer(reply, answerOfError(error, warn)));
  app.setNotFoundHandler((_request, reply) => sendAnswer(reply, answers.problem(404, 'There is nothing here.')));
  addPages(app);
  addRequestRoutes(app, site);
  addMailRoutes(app, site);
  addLiveRoutes(app, site);
  return app;
}

function secure(reply: FastifyReply): void {
  reply.headers({
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
}

function visitOf({ method, url, headers }: FastifyRequest): Parameters<typeof refusalOf>[0] {
  const { host, origin } = headers;
  const [path = '/'] = url.split('?');
  const fetchSite = headers['sec-fetch-site'];
  const fetchMode = headers['sec-fetch-mode'];
  return {
    method,
    path,
    host,
    origin,
    fetchSite: typeof fetchSite === 'string' ? fetchSite : undefined,
    fetchMode: typeof fetchMode === 'string' ? fetchMode : undefined,
    contentType: headers['content-type'],
  };
}

function answerOfError(error: unknown, warn: (line: string) => void): answers.Answer {
  if (error instanceof z.ZodError)
    return answers.problem(400, error.issues.map(({ path, message: text }) => [...path, text].join(': ')).join('; '));
  const { statusCode = 500, message: text, stack } = error as Error & { statusCode?: number };
  if (statusCode >= 500) warn(`the inspector could not answer, the site is not affected: ${stack ?? text}`);
  return answers.problem(statusCode, text);
}

function sendAnswer(reply: FastifyReply, answer: answers.Answer): FastifyReply {
  switch (answer.kind) {
    case 'json':
      return reply.code(answer.status).send(answer.value);
    case 'text':
      return reply.type('text/plain; charset=utf-8').send(answer.text);
    case 'bytes':
      return reply
        .type('application/octet-stream')
        .header('Content-Disposition', `attachment; filename="${answer.name.replace(/[^\w.-]/g, '_')}"`)
        .send(answer.bytes);
    default:
      return answer satisfies never;
  }
}

function addPages(app: FastifyInstance): void {
  const page = readFileSync(new URL(`assets/${PAGE}`, import.meta.url));
  // One page for every view: its script reads the path.
  for (const path of ['/', '/r/*', '/compare/*', '/scripts', '/mail', '/mail/*'])
    app.get(path, (_request, reply) => reply.type('text/html; charset=utf-8').send(page));
  for (const { name, type } of ASSETS) {
    const content = readFileSync(new URL(`assets/${name}`, import.meta.url));
    app.get(`/assets/${name}`, (_request, reply) => reply.type(type).send(content));
  }
}

function addRequestRoutes(app: FastifyInstance, site: InspectedSite): void {
  const get = (path: string, handler: Handler) =>
    app.get(path, async (request, reply) => sendAnswer(reply, await handler(request, reply)));
  const ofEntry = (name: string, answer: (entry: Entry, request: FastifyRequest) => ReturnType<Handler>) =>
    get(`/api/requests/:id${name}`, (request) =>
      answers.withEntry(site, wordOf(request, 'id'), (entry) => answer(entry, request)),
    );
  get('/api/requests', ({ query }) => answers.listAnswer(site, query));
  ofEntry('', (entry, request) => answers.detailAnswer(site, entry, isRevealed(request)));
  ofEntry('/curl', (entry, request) => answers.curlAnswer(site, entry, isRevealed(request)));
  ofEntry('/shell', (entry, request) => answers.shellAnswer(site, entry, isRevealed(request)));
  ofEntry('/text', (entry, request) => answers.textAnswer(site, entry, isRevealed(request)));
  ofEntry('/har', (entry, request) => answers.harAnswer(site, [entry], isRevealed(request)));
  ofEntry('/streams/:name', (entry, request) =>
    answers.streamAnswer(entry, { name: wordOf(request, 'name'), run: queryOf(request).run }),
  );
  get('/api/har', (request) => answers.harAnswer(site, filtered(site, request), isRevealed(request)));
  addSmokeRoutes(app, site);
  get('/api/compare/:a/:b', (request) =>
    answers.compareAnswer(site, { a: wordOf(request, 'a'), b: wordOf(request, 'b') }),
  );
  get('/api/scripts', ({ query }) => answers.scriptsAnswer(site, query));
  app.post('/api/requests/:id/replay', async (request, reply) => {
    const answer = answers.withEntry(site, wordOf(request, 'id'), (entry) =>
      answers.replayAnswer(site, entry, request.body),
    );
    return sendAnswer(reply, await answer);
  });
  app.delete('/api/requests', (_request, reply) => {
    site.history.clear();
    return reply.code(204).send();
  });
}

/** The requests that the query of a URL means. */
function filtered({ history }: InspectedSite, request: FastifyRequest): readonly Entry[] {
  const { reveal: _, ...query } = queryOf(request);
  return history.list().filter(filterOf(FilterQuery.parse(query)));
}

/** One request, or those that a filter means. */
function addSmokeRoutes(app: FastifyInstance, site: InspectedSite): void {
  const one = (request: FastifyRequest, answer: (entry: Entry) => Promise<answers.Answer>) =>
    answers.withEntry(site, wordOf(request, 'id'), answer);
  app.get('/api/requests/:id/smoke', async (request, reply) =>
    sendAnswer(reply, await one(request, (entry) => smokeTextAnswer(site, [entry], isRevealed(request)))),
  );
  app.post('/api/requests/:id/smoke', async (request, reply) =>
    sendAnswer(reply, await one(request, (entry) => smokeSavedAnswer(site, [entry], request.body))),
  );
  app.get('/api/smoke', async (request, reply) =>
    sendAnswer(reply, await smokeTextAnswer(site, filtered(site, request), isRevealed(request))),
  );
  app.post('/api/smoke', async (request, reply) =>
    sendAnswer(reply, await smokeSavedAnswer(site, filtered(site, request), request.body)),
  );
}

type Entry = Parameters<typeof answers.textAnswer>[1];

function addMailRoutes(app: FastifyInstance, { mailbox }: InspectedSite): void {
  const ofMail = async (request: FastifyRequest, answer: (mail: Mail) => Promise<answers.Answer>) => {
    const mail = mailbox.get(wordOf(request, 'id'));
    return mail === undefined
      ? answers.problem(404, 'There is no such mail: it was cleared, or made room for newer ones (mail.keep).')
      : answer(mail);
  };
  const get = (path: string, handler: Handler) =>
    app.get(path, async (request, reply) => sendAnswer(reply, await handler(request, reply)));
  get('/api/mail', async () => answers.json({ mail: await Promise.all(mailbox.list().map(listedMail)) }));
  get('/api/mail/:id', (request) => ofMail(request, async (mail) => answers.json(await shownMail(mail))));
  get('/api/mail/:id/raw', (request) =>
    ofMail(request, async ({ id, raw }) => ({ kind: 'bytes', bytes: raw, name: `${id}.eml` })),
  );
  get('/api/mail/:id/attachments/:number', (request) =>
    ofMail(request, async (mail) => {
      const part = (await mail.message()).attachments[Number(wordOf(request, 'number'))];
      if (part === undefined) return answers.problem(404, 'The mail has no such attachment.');
      return { kind: 'bytes', bytes: part.content, name: part.name };
    }),
  );
  app.get('/api/mail/:id/html', async (request, reply) => {
    const mail = mailbox.get(wordOf(request, 'id'));
    const html = mail === undefined ? undefined : await mailHtml(mail);
    if (html === undefined) return sendAnswer(reply, answers.problem(404, 'There is no HTML.'));
    reply.headers({ 'Content-Security-Policy': MAIL_POLICY, 'X-Frame-Options': 'SAMEORIGIN' });
    return reply.type('text/html; charset=utf-8').send(html);
  });
  app.delete('/api/mail', (_request, reply) => {
    mailbox.clear();
    return reply.code(204).send();
  });
}

type Mail = Parameters<typeof shownMail>[0];

function addLiveRoutes(app: FastifyInstance, site: InspectedSite): void {
  app.get('/api/events', (request, reply) => {
    const filter = filterOf(FilterQuery.parse(request.query));
    const { raw } = reply.hijack();
    raw.writeHead(200, { ...plain(reply.getHeaders()), 'Content-Type': 'text/event-stream' });
    const write = (text: string): void => {
      // A tab that sleeps does not read: it is cut off, and asks anew for the whole list when it wakes.
      if (raw.writableLength > MOST_UNREAD_BYTES) raw.destroy();
      else raw.write(text);
    };
    const endList = liveList(site.history, { filter, write });
    const endMail = site.mailbox.onMail((mail) => {
      // One that cannot be read now is in the list when it is asked for again.
      void listedMail(mail).then(
        (listed) => write(message('mail', listed)),
        () => {},
      );
    });
    raw.once('close', () => {
      endList();
      endMail();
    });
  });
  // For failure pages: they are of another origin, and learn nothing but that something has changed.
  app.get('/api/requests/:id/changes', async (request, reply) => {
    reply.headers({ 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' });
    const entry = site.history.get(wordOf(request, 'id'));
    if (entry === undefined) return reply.code(404).type('text/plain').send('');
    return reply.type('text/plain').send(fileVersion(entry));
  });
}

function plain(headers: ReturnType<FastifyReply['getHeaders']>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function wordOf({ params }: FastifyRequest, name: string): string {
  return (params as Readonly<Record<string, string>>)[name] ?? '';
}

function queryOf({ query }: FastifyRequest): Readonly<Record<string, unknown>> {
  return query as Readonly<Record<string, unknown>>;
}

/** Secrets are shown to who asks with ?reveal=1. */
function isRevealed(request: FastifyRequest): boolean {
  return queryOf(request).reveal === '1';
}
