// What each variable in a script's environment is, and where it comes from: RFC 3875 §4.1, Apache, or the server. Pure.
import type { Config } from '../config/schema.ts';

export interface VariableNote {
  /** "RFC 3875 §4.1.7", "Apache", "cgi.environment", "environment of the server". */
  readonly origin: string;
  readonly meaning: string;
  /** Page of the section, where the RFC has one. */
  readonly link: string | null;
}

type Row = readonly [section: string, meaning: string];

// RFC 3875 §4.1.1 to §4.1.17.
const RFC: Readonly<Record<string, Row>> = {
  AUTH_TYPE: ['4.1.1', 'how the client proved who it is'],
  CONTENT_LENGTH: ['4.1.2', 'bytes of the body on stdin; absent without a body'],
  CONTENT_TYPE: ['4.1.3', 'type of the body, as the client declared it'],
  GATEWAY_INTERFACE: ['4.1.4', 'version of CGI that is spoken'],
  PATH_INFO: ['4.1.5', 'the URL path after the script, decoded'],
  PATH_TRANSLATED: ['4.1.6', 'PATH_INFO as a file below the document root'],
  QUERY_STRING: ['4.1.7', 'what follows the "?", as sent; empty without one'],
  REMOTE_ADDR: ['4.1.8', 'address of the client'],
  REMOTE_HOST: ['4.1.9', 'name of the client; no name is looked up, so it is the address again'],
  REMOTE_IDENT: ['4.1.10', 'answer of an ident server'],
  REMOTE_USER: ['4.1.11', 'who the client proved to be'],
  REQUEST_METHOD: ['4.1.12', 'method of the request; GET after a local redirect'],
  SCRIPT_NAME: ['4.1.13', 'URL path of the script itself'],
  SERVER_NAME: ['4.1.14', 'host that was asked for: of the Host field, else the local address'],
  SERVER_PORT: ['4.1.15', 'port on which the request came'],
  SERVER_PROTOCOL: ['4.1.16', 'protocol of the request'],
  SERVER_SOFTWARE: ['4.1.17', 'name and version of this server'],
};

const APACHE: Readonly<Record<string, string>> = {
  DOCUMENT_ROOT: 'folder of the pages (site.documentRoot)',
  HTTPS: '"on" under TLS',
  REDIRECT_QUERY_STRING: 'query of the URL that a local redirect came from',
  REDIRECT_STATUS: 'status before the local redirect; php-cgi refuses to run without it',
  REDIRECT_URL: 'path of the URL that a local redirect came from',
  REMOTE_PORT: 'port of the client',
  REQUEST_SCHEME: 'http or https',
  REQUEST_URI: 'path and query as the client sent them; a local redirect keeps it',
  SCRIPT_FILENAME: 'file of the script',
  SERVER_ADDR: 'address on which the request came',
  UNIQUE_ID: 'id of this request, as in X-Request-Id and the log',
};

const SERVERS: Readonly<Record<string, string>> = {
  HOME: 'home folder of the user that runs the server',
  LANG: 'language and character set of messages',
  PATH: 'folders in which programs are looked for',
  TMPDIR: 'folder for temporary files',
  TZ: 'time zone',
};

/** The note of one variable; a name that nobody set can only come from `perScript`. */
export function variableNote(name: string, { environment, passEnvironment }: Config['cgi']): VariableNote {
  // The configuration is laid over everything else.
  if (name in environment) return note('cgi.environment', 'set by the configuration');
  if (passEnvironment.includes(name)) return note('cgi.passEnvironment', 'taken from the environment of the server');
  const rfc = RFC[name];
  if (rfc !== undefined) return rfcNote(rfc[0], rfc[1]);
  if (name.startsWith('HTTP_')) return rfcNote('4.1.18', `header field ${fieldName(name)} of the request`);
  const apache = APACHE[name];
  if (apache !== undefined) return note('Apache', apache);
  if (name === 'PERL_USE_UNSAFE_INC') return note('cgi.tolerate', 'perlDotInc: perl finds files in "." again');
  const server = SERVERS[name];
  if (server !== undefined) return note('environment of the server', server);
  return note('cgi.perScript', 'set by the configuration for this script');
}

/** The order in which a reader looks for things: what the request says, its header fields, the rest. */
export function variableOrder(name: string): number {
  if (name.startsWith('HTTP_')) return 2;
  if (name in RFC) return 0;
  return name in APACHE ? 1 : 3;
}

function fieldName(variable: string): string {
  const words = variable.slice('HTTP_'.length).toLowerCase().split('_');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('-');
}

function rfcNote(section: string, meaning: string): VariableNote {
  return {
    origin: `RFC 3875 §${section}`,
    meaning,
    link: `https://www.rfc-editor.org/rfc/rfc3875#section-${section}`,
  };
}

function note(origin: string, meaning: string): VariableNote {
  return { origin, meaning, link: null };
}
