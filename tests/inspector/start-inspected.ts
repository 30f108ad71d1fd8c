// A site with its inspector, both over real sockets, for one test.
import { tmpdir } from 'node:os';
import type { TestContext } from 'node:test';
import { smokeTests } from '../../server/cli/inspected-smoke.ts';
import type { Shell } from '../../server/cli/shell.ts';
import { askDoctor } from '../../server/cli/start-findings.ts';
import type { History } from '../../server/exchange/history.ts';
import { startInspector } from '../../server/inspector/start-inspector.ts';
import { Mailbox } from '../../server/mail/mailbox.ts';
import { type FileContent, type Overrides, startSite, type TestSite } from '../support/start-site.ts';

export interface InspectedTestSite {
  readonly site: TestSite;
  readonly history: History;
  readonly mailbox: Mailbox;
  /** "http://127.0.0.1:45679" */
  readonly inspector: string;
  /** JSON of a GET below the inspector; fails with the text where the status is no 200. */
  // biome-ignore lint/suspicious/noExplicitAny: what the API answers is checked by the test
  api(path: string): Promise<any>;
  post(path: string, value: unknown, fields?: Readonly<Record<string, string>>): Promise<Response>;
  /** The record of the last request to a URL, when it is finished. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  recorded(url: string, query?: string): Promise<any>;
}

export async function startInspected(
  t: Pick<TestContext, 'after'>,
  files: Readonly<Record<string, FileContent>>,
  overrides: Overrides = {},
): Promise<InspectedTestSite> {
  const site = await startSite(t, files, overrides);
  const { history } = site.server;
  if (history === undefined) throw new Error('the inspector is off');
  const mailbox = new Mailbox(20);
  const { config } = site.server;
  const own = { ...config, inspector: { ...config.inspector, port: 0 } };
  const inspected = {
    url: site.url,
    history,
    mailbox,
    config: () => own,
    configFile: undefined,
    findings: async () =>
      (await askDoctor({ config: own, configFile: '', environment: { PATH: process.env.PATH } }))?.findings ?? [],
    smokeTests: smokeTests({
      loaded: () => ({ config: own, file: undefined, watched: '', origins: {}, warnings: [] }),
      options: {
        site: site.folder,
        file: undefined,
        settings: [],
        json: false,
        quiet: true,
        verbose: false,
        colour: false,
      },
      shell: shellIn(site.folder),
      signal: new AbortController().signal,
    }),
    environment: { PATH: process.env.PATH },
    software: 'cgibox/test',
  };
  const running = await startInspector(inspected, (line) => void site.warnings.push(line));
  if (running === undefined) throw new Error(site.warnings.join('\n'));
  t.after(() => running.close());
  site.server.linkInspector(running.url);
  const api = async (path: string) => {
    const answer = await fetch(running.url + path);
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const post = (path: string, value: unknown, fields = {}) =>
    fetch(running.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...fields },
      body: JSON.stringify(value),
    });
  const recorded = async (url: string, query = '') => {
    for (let attempt = 0; attempt < 300; attempt += 1) {
      const entry = history.list().findLast(({ exchange }) => exchange.requestUri === url);
      if (entry?.isFinished === true) return api(`/api/requests/${entry.exchange.id}${query}`);
      await new Promise((go) => setTimeout(go, 10));
    }
    throw new Error(`no record of ${url}`);
  };
  return { site, history, mailbox, inspector: running.url, api, post, recorded };
}

function shellIn(folder: string): Shell {
  const stream = { isTerminal: false, write: () => {} };
  return {
    environment: { PATH: process.env.PATH },
    workingDirectory: folder,
    temporaryFolder: tmpdir(),
    packageFolder: process.cwd(),
    stdout: stream,
    stderr: stream,
  };
}
