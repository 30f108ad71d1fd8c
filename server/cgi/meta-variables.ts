// Meta-variables: what a script learns of its request through the environment (RFC 3875 §4.1).
// Pure: request and place come in, a plain record comes out. process.env is never read here.
import type { ByteString } from '../config/byte-string.ts';
import type { ScriptPlace } from '../site/resource.ts';
import type { HeaderField, ScriptRequest } from './script-request.ts';

export type MetaVariables = Readonly<Record<string, ByteString>>;

export interface MetaVariableRules {
  /** `cgi.passAuthorization`: HTTP_AUTHORIZATION is set too. */
  readonly passAuthorization: boolean;
  /** SERVER_SOFTWARE (§4.1.17), for example "cgibox/1.0". */
  readonly serverSoftware: string;
}

// Framing that is undone before the script starts, what has a variable of its own, and credentials of a proxy.
const NEVER_PROTOCOL_VARIABLES = new Set([
  'content-length',
  'content-type',
  'transfer-encoding',
  'proxy-authorization',
]);

// "X_Auth_User" and "X-Auth-User" would become the same variable, and a proxy in front filters only one of them.
const FIELD_NAME = /^[A-Za-z0-9-]+$/;

/**
 * Builds the meta-variables for one run of one script.
 *
 * A variable whose source is absent is left out, except those that §4.1 requires: QUERY_STRING is then "" (§4.1.7).
 * PATH_INFO is decoded (§4.1.5), QUERY_STRING is as received. Repeated header fields are joined with ", ", cookies
 * with "; ". A "Proxy" field never becomes HTTP_PROXY (httpoxy, 2016). Bytes are kept as they came. Never throws.
 */
export function metaVariables(request: ScriptRequest, place: ScriptPlace, rules: MetaVariableRules): MetaVariables {
  return {
    ...protocolVariables(request.fields, rules),
    // The whole address in the request line overrules the Host field (RFC 9112 §3.2.2).
    ...(request.target.authority !== undefined && { HTTP_HOST: request.target.authority }),
    ...entityVariables(request),
    GATEWAY_INTERFACE: 'CGI/1.1',
    ...pathVariables(place),
    QUERY_STRING: request.target.query ?? '',
    REQUEST_METHOD: request.method,
    REQUEST_URI: request.requestUri,
    SCRIPT_NAME: place.scriptName,
    SCRIPT_FILENAME: place.scriptFile,
    DOCUMENT_ROOT: place.documentRoot,
    ...connectionVariables(request),
    SERVER_PROTOCOL: request.protocol,
    SERVER_SOFTWARE: rules.serverSoftware,
    UNIQUE_ID: request.id,
    ...redirectVariables(request),
  };
}

/** §4.1.18: HTTP_ and the field's name. */
function protocolVariables(fields: readonly HeaderField[], rules: MetaVariableRules): Record<string, ByteString> {
  const variables: Record<string, ByteString> = {};
  for (const [name, value] of fields) {
    if (!isProtocolVariable(name.toLowerCase(), rules)) continue;
    const variable = `HTTP_${name.toUpperCase().replaceAll('-', '_')}`;
    const former = variables[variable];
    const separator = variable === 'HTTP_COOKIE' ? '; ' : ', ';
    variables[variable] = former === undefined ? value : former + separator + value;
  }
  return variables;
}

function isProtocolVariable(name: string, rules: MetaVariableRules): boolean {
  if (!FIELD_NAME.test(name) || name === 'proxy' || NEVER_PROTOCOL_VARIABLES.has(name)) return false;
  return name !== 'authorization' || rules.passAuthorization;
}

/** §4.1.2, §4.1.3. After a local redirect the body is gone, and its type with it. */
function entityVariables(request: ScriptRequest): Record<string, ByteString> {
  if (request.redirectedFrom !== undefined) return {};
  const type = request.fields.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return {
    ...(request.body !== undefined && { CONTENT_LENGTH: String(request.body.length) }),
    ...(type !== undefined && { CONTENT_TYPE: type }),
  };
}

function pathVariables(place: ScriptPlace): Record<string, ByteString> {
  if (place.pathInfo === '') return {};
  return {
    PATH_INFO: place.pathInfo,
    ...(place.pathTranslated !== undefined && { PATH_TRANSLATED: place.pathTranslated }),
  };
}

/** §4.1.8, §4.1.9, §4.1.14, §4.1.15. REMOTE_HOST repeats the address, as §4.1.9 allows: no name is looked up. */
function connectionVariables({ connection }: ScriptRequest): Record<string, ByteString> {
  return {
    REMOTE_ADDR: connection.remoteAddress,
    REMOTE_HOST: connection.remoteAddress,
    REMOTE_PORT: String(connection.remotePort),
    REQUEST_SCHEME: connection.scheme,
    SERVER_ADDR: connection.localAddress,
    SERVER_NAME: connection.serverName,
    SERVER_PORT: String(connection.serverPort),
    ...(connection.scheme === 'https' && { HTTPS: 'on' }),
  };
}

/** Apache's names for the request that a local redirect came from. */
function redirectVariables({ redirectedFrom }: ScriptRequest): Record<string, ByteString> {
  if (redirectedFrom === undefined) return {};
  return {
    REDIRECT_STATUS: '200',
    REDIRECT_URL: redirectedFrom.path,
    ...(redirectedFrom.query !== undefined && { REDIRECT_QUERY_STRING: redirectedFrom.query }),
  };
}
