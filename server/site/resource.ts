// What a URL means: the answer of resolve.ts, and the only thing that static files, scripts and pages are served from.
import type { ByteString } from '../config/byte-string.ts';

/** A script and the way its URL was split (RFC 3875 §3.2, §3.3). Paths are absolute; nothing is percent-encoded. */
export interface ScriptPlace {
  /** The script's file, as reached from the URL: links are checked but not replaced. */
  readonly scriptFile: ByteString;
  /** SCRIPT_NAME (§4.1.13): the URL path that names the script, dot segments and double slashes removed. */
  readonly scriptName: ByteString;
  /** PATH_INFO (§4.1.5): the rest of the path as sent, decoded; "" where there is none. */
  readonly pathInfo: ByteString;
  /** PATH_TRANSLATED (§4.1.6); absent without PATH_INFO, or where it would leave the document root. */
  readonly pathTranslated: ByteString | undefined;
  readonly documentRoot: ByteString;
  /** The file has an execute bit that counts for this user. */
  readonly isExecutable: boolean;
  /** The first 512 bytes of the file, for its #! line; absent where the file cannot be read. */
  readonly head: ByteString | undefined;
}

/** A regular file that may be sent. */
export interface ServedFile {
  /** Absolute path with every link resolved. */
  readonly file: ByteString;
  /** Decoded URL path by which it was found: its extension decides the MIME type. */
  readonly urlPath: ByteString;
}

/** A folder without directory index, to be listed. */
export interface ListedFolder {
  readonly folder: ByteString;
  /** Decoded URL path; begins and ends with "/". */
  readonly urlPath: ByteString;
}

export type Resource =
  | { readonly kind: 'file'; readonly file: ServedFile }
  | { readonly kind: 'script'; readonly place: ScriptPlace }
  | { readonly kind: 'directory'; readonly folder: ListedFolder }
  /** `location` is a percent-encoded path on this host, with the query: it begins with exactly one "/". */
  | { readonly kind: 'movedTo'; readonly location: ByteString }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 404; readonly reason: Refusal };

/** Why a URL is refused. The page says it in words; the path of a file never appears there. */
export type Refusal =
  | 'malformedTarget'
  | 'malformedPercentEncoding'
  | 'nulInPath'
  | 'encodedSlash'
  | 'dotFile'
  | 'editorLeftover'
  | 'configurationFile'
  | 'smokePlan'
  | 'siteDeny'
  | 'htaccessDeny'
  | 'scriptSource'
  | 'scriptFolder'
  | 'notAScript'
  | 'linkOutside'
  | 'notARegularFile'
  | 'unreadable'
  | 'listingOff';
