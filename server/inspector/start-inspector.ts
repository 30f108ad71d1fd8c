// Starts the inspector beside the site. A port that is taken costs the inspector, never the site.
import type { AddressInfo } from 'node:net';
import { type PortProblem, portProblem } from '../http/start-error.ts';
import type { InspectedSite } from './inspected-site.ts';
import { createInspectorApp } from './routes.ts';

export interface RunningInspector {
  /** "http://127.0.0.1:8001": how a browser on this machine reaches it. */
  readonly url: string;
  close(): Promise<void>;
}

/** Gives back nothing where it could not start: `warn` then has said why. It is told of later failures too. */
export async function startInspector(
  site: InspectedSite,
  warn: (line: string) => void,
): Promise<RunningInspector | undefined> {
  const { host, port } = site.config().inspector;
  const app = createInspectorApp(site, warn);
  try {
    await app.listen({ host, port });
  } catch (error) {
    warn(whyNot(error as Error, { host, port }));
    await app.close();
    return undefined;
  }
  const { address, family, port: bound } = app.server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? ipv6Name(address) : ipv4Name(address)}:${bound}`,
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** Only these names pass the guard: a listener for every address is reached by loopback. */
function ipv4Name(address: string): string {
  return address === '0.0.0.0' || address.startsWith('127.') ? '127.0.0.1' : 'localhost';
}

function ipv6Name(address: string): string {
  return address === '::' ? '127.0.0.1' : '[::1]';
}

const MENDS: Readonly<Record<PortProblem['code'], string>> = {
  PORT_TAKEN: 'set inspector.port to another one (0 lets the system choose), or inspector.enabled to false',
  PORT_FORBIDDEN: 'set inspector.port above 1023',
  ADDRESS_UNAVAILABLE: 'set inspector.host to 127.0.0.1',
};

function whyNot(error: Error, { host, port }: { host: string; port: number }): string {
  const cannot = `the inspector is off, the site is not affected: cannot listen on "${host}:${port}"`;
  const problem = portProblem(error);
  return problem === undefined ? `${cannot}: ${error.message}` : `${cannot}: ${problem.reason}; ${MENDS[problem.code]}`;
}
