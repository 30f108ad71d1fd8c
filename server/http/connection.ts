// Who asks whom: the ends of the connection, or, behind a proxy that `server.trustProxy` trusts, what the proxy says.
import { isIP, type Socket } from 'node:net';
import type { Connection } from '../cgi/script-request.ts';
import type { ByteString } from '../config/byte-string.ts';

export interface ConnectionInput {
  readonly socket: Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;
  readonly isTls: boolean;
  /** Host of the request: the authority of an absolute form, else the Host field; absent with HTTP/1.0 at will. */
  readonly host: ByteString | undefined;
  /** Fields of the proxy; absent where none is trusted. */
  readonly forwarded: Readonly<Record<string, string | string[] | undefined>> | undefined;
}

// What a URI may name (RFC 3986 §3.2.2), with the underscore that old intranets use.
const HOST_NAME = /^[A-Za-z0-9._-]+$/;

export function connection({ socket, isTls, host, forwarded }: ConnectionInput): Connection {
  const localAddress = plainAddress(socket.localAddress ?? '127.0.0.1');
  const said = forwardedFacts(forwarded);
  const named = hostAndPort(said.host ?? host);
  return {
    remoteAddress: said.address ?? peerAddress(socket),
    remotePort: said.address === undefined ? (socket.remotePort ?? 0) : 0,
    localAddress,
    scheme: said.scheme ?? (isTls ? 'https' : 'http'),
    serverName: named.name ?? bracketed(localAddress),
    serverPort: said.port ?? forwardedDefaultPort(said, named.port) ?? socket.localPort ?? 0,
  };
}

/** The address of the client, as `connection` has it; for an answer that needs no more. */
export function clientAddress({ socket, forwarded }: Pick<ConnectionInput, 'socket' | 'forwarded'>): string {
  const said = forwarded === undefined ? undefined : forwardedFacts(forwarded).address;
  return said ?? peerAddress(socket);
}

function peerAddress({ remoteAddress }: ConnectionInput['socket']): string {
  return plainAddress(remoteAddress ?? '0.0.0.0');
}

interface ForwardedFacts {
  readonly address?: string;
  readonly scheme?: 'http' | 'https';
  readonly host?: ByteString;
  readonly port?: number;
}

/** Of a chain of proxies the first entry is the client's. */
function forwardedFacts(fields: ConnectionInput['forwarded']): ForwardedFacts {
  const first = (name: string) =>
    String(fields?.[name] ?? '')
      .split(',')[0]
      ?.trim() ?? '';
  const address = plainAddress(
    first('x-forwarded-for')
      .replace(/^\[(.*)\](:\d+)?$/, '$1')
      .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1'),
  );
  const scheme = first('x-forwarded-proto').toLowerCase();
  const port = Number(first('x-forwarded-port'));
  const host = first('x-forwarded-host');
  return {
    ...(isIP(address) !== 0 && { address }),
    ...((scheme === 'http' || scheme === 'https') && { scheme }),
    ...(host !== '' && { host }),
    ...(isPort(port) && { port }),
  };
}

/** The port that the proxy's own URL has, where it said its host or scheme but not its port. */
function forwardedDefaultPort(said: ForwardedFacts, portOfHost: number | undefined): number | undefined {
  if (said.host === undefined && said.scheme === undefined) return undefined;
  if (said.host !== undefined && portOfHost !== undefined) return portOfHost;
  if (said.scheme === undefined) return undefined;
  return said.scheme === 'https' ? 443 : 80;
}

function hostAndPort(host: ByteString | undefined): { name?: ByteString; port?: number } {
  const [, name, port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(host ?? '') ?? [];
  if (name === undefined || !isLawfulHost(name)) return {};
  return { name, ...(isPort(Number(port)) && { port: Number(port) }) };
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65536;
}

function isLawfulHost(name: ByteString): boolean {
  return name.startsWith('[') ? isIP(name.slice(1, -1)) === 6 : HOST_NAME.test(name);
}

/** An IPv4 client of a socket that speaks both is shown by the system as ::ffff:192.0.2.1. */
function plainAddress(address: string): string {
  const withoutZone = address.replace(/%.*$/, '');
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone) ?? [];
  return mapped ?? withoutZone;
}

function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}
