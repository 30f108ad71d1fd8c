// Where sendmail.ts finds the server that runs its script: a socket in Linux's abstract namespace (unix(7)), named by
// the server's process. It needs no port, no file and no setting, is gone with the server, and two servers never mix.

/** The path to listen on or to connect to; the first byte makes it abstract. */
export function socketName(pid: number): string {
  return `\0cgibox-mail-${pid}`;
}
