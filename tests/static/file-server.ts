// A bare Fastify app that sends what a site resolves to, over a real socket, as the real app calls send-file.ts:
// from an onRequest hook, with the URL hidden from Fastify.
import http from 'node:http';
import type { TestContext } from 'node:test';
import { fastify } from 'fastify';
import { requestTarget } from '../../server/site/request-target.ts';
import { declaredCharset } from '../../server/static/content-type.ts';
import { registerSendFile, sendFile } from '../../server/static/send-file.ts';
import type { TemporarySite } from '../site/temporary-site.ts';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface FileServer {
  readonly port: number;
  ask(path: string, headers?: http.OutgoingHttpHeaders, method?: string): Promise<Answer>;
}

export async function serveFiles(
  t: Pick<TestContext, 'after'>,
  { site, config }: TemporarySite,
  headers: Record<string, string> = {},
): Promise<FileServer> {
  const app = fastify({ rewriteUrl: () => '/' });
  await registerSendFile(app);
  app.addHook('onRequest', async (request, reply) => {
    const outcome = requestTarget(request.originalUrl);
    const resource = outcome.kind === 'target' ? site.resolve(outcome.target) : outcome;
    if (resource.kind !== 'file')
      return reply.code(resource.kind === 'refused' ? resource.status : 404).send(resource.kind);
    const charset = declaredCharset(config.site.charset, resource.file.urlPath);
    if (!(await sendFile(request, reply, { ...resource.file, charset, headers }))) reply.code(404).send('gone');
    return reply;
  });
  app.get('/', () => 'the route was reached');
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  const [address] = app.addresses();
  const port = typeof address === 'object' ? address.port : 0;
  const ask: FileServer['ask'] = (path, fields = {}, method = 'GET') =>
    new Promise((resolve, reject) => {
      const request = http.request(
        { port, host: '127.0.0.1', path, method, headers: fields, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
          });
        },
      );
      request.on('error', reject).end();
    });
  return { port, ask };
}
