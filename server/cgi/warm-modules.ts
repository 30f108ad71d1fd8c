// Which modules a resident interpreter loads for a script: those that the script's source names, of a list that is
// known to do nothing when it is loaded. Each page that a module takes is paid for at every fork: no more than is used.
import type { ByteString } from '../config/byte-string.ts';
import type { WarmLanguage } from './launcher.ts';

// Not those that every resident has by itself (strict, warnings, os, io), nor those that act when they are loaded: FindBin looks at $0, CGI::Carp takes die over, CGI::Fast opens a socket.
const PERL = `
  Carp CGI CGI::Cookie CGI::Session CGI::Util Cwd Data::Dumper DBI Digest::MD5 Digest::SHA Encode Errno Fcntl
  File::Basename File::Copy File::Path File::Spec HTML::Entities HTML::Template HTTP::Request IO::File IO::Handle IO::Socket
  JSON JSON::PP lib List::Util LWP::Simple LWP::UserAgent MIME::Base64 MIME::Lite POSIX Scalar::Util Socket Storable
  Sys::Hostname Text::CSV Text::ParseWords Text::Wrap Time::HiRes Time::Local URI URI::Escape vars
`;
const PYTHON = `
  argparse base64 binascii calendar cgi collections configparser contextlib copy csv datetime decimal difflib email
  email.header email.message email.mime.multipart email.mime.text email.parser email.utils enum errno fnmatch functools
  getopt glob gzip hashlib hmac html html.entities html.parser http.client http.cookies itertools json linecache locale
  math mimetypes operator pathlib pickle platform pprint random re sched secrets shutil smtplib socket sqlite3 string
  struct subprocess tempfile textwrap time traceback types typing unicodedata urllib urllib.error urllib.parse urllib.request
  uuid xml.dom.minidom xml.etree.ElementTree xml.sax.saxutils zipfile zlib
`;
const KNOWN: Readonly<Record<WarmLanguage, ReadonlySet<string>>> = { perl: words(PERL), python3: words(PYTHON) };

/** Names of known modules in the order of the source, each once. Too many or too few change the speed alone. */
export function modulesNamed(source: ByteString, language: WarmLanguage): readonly string[] {
  const named = language === 'perl' ? namedInPerl(source) : namedInPython(source);
  return [...new Set(named)].filter((name) => KNOWN[language].has(name));
}

function namedInPerl(source: ByteString): readonly string[] {
  return [...source.matchAll(/^\s*(?:use|require)\s+([A-Za-z]\w*(?:::\w+)*)/gm)].map(([, name]) => name ?? '');
}

/** `from email import utils` may name a module, or something in one: both are looked up. */
function namedInPython(source: ByteString): readonly string[] {
  const named: string[] = [];
  for (const [, from, imported = ''] of source.matchAll(/^\s*(?:from\s+([\w.]+)\s+)?import\s+([^#\n]+)/gm)) {
    const names = imported.split(',').map((part) => part.trim().replace(/\s+as\s+.*|[()\\;].*$/g, ''));
    named.push(...(from === undefined ? names : [from, ...names.map((name) => `${from}.${name}`)]));
  }
  return named;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
