// Names that Python 2 had and Python 3 has not, each with the line at the top of a script that gives it back. Some went later:
// cgi.escape and time.clock in 3.8, base64.encodestring in 3.9 ("What's New"). Pure.

/** Built-in names and methods. */
export const PYTHON2_NAMES: Readonly<Record<string, string>> = {
  StandardError: 'StandardError = Exception',
  apply: 'apply = lambda function, words=(), named={}: function(*words, **named)',
  basestring: 'basestring = str',
  buffer: 'buffer = memoryview',
  cmp: 'cmp = lambda a, b: (a > b) - (a < b)',
  execfile: 'exec(open(name).read())',
  file: 'file = open',
  has_key: 'key in mapping',
  intern: 'from sys import intern',
  iteritems: 'mapping.items()',
  iterkeys: 'mapping.keys()',
  itervalues: 'mapping.values()',
  long: 'long = int',
  next: 'next(rows)',
  raw_input: 'raw_input = input',
  reduce: 'from functools import reduce',
  reload: 'from importlib import reload',
  unichr: 'unichr = chr',
  unicode: 'unicode = str',
  xrange: 'xrange = range',
};

const STR_METHODS = `capitalize center count expandtabs find index ljust lower lstrip maketrans replace rfind rindex rjust rstrip
  split strip swapcase upper zfill`;
const TYPES: Readonly<Record<string, string>> = {
  BooleanType: 'bool',
  ClassType: 'type',
  DictType: 'dict',
  DictionaryType: 'dict',
  FloatType: 'float',
  InstanceType: 'object',
  IntType: 'int',
  ListType: 'list',
  LongType: 'int',
  StringType: 'str',
  StringTypes: '(str,)',
  TupleType: 'tuple',
  UnicodeType: 'str',
};
const PARSE = 'quote quote_plus unquote unquote_plus urlencode';
const REQUEST = 'pathname2url url2pathname urlopen urlretrieve';

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}

/** "module.name" → a line. */
export const PYTHON2_ATTRIBUTES: Readonly<Record<string, string>> = {
  'base64.decodestring': 'import base64; base64.decodestring = base64.decodebytes',
  'base64.encodestring': 'import base64; base64.encodestring = base64.encodebytes',
  'cgi.escape': 'import cgi, html; cgi.escape = html.escape',
  'cgi.parse_qs': 'import cgi, urllib.parse; cgi.parse_qs = urllib.parse.parse_qs',
  'cgi.parse_qsl': 'import cgi, urllib.parse; cgi.parse_qsl = urllib.parse.parse_qsl',
  'itertools.ifilter': 'import itertools; itertools.ifilter = filter',
  'itertools.imap': 'import itertools; itertools.imap = map',
  'itertools.izip': 'import itertools; itertools.izip = zip',
  'os.errno': 'import os, errno; os.errno = errno',
  'os.getcwdu': 'import os; os.getcwdu = os.getcwd',
  ...Object.fromEntries(words('popen2 popen3 popen4').map((name) => [`os.${name}`, 'subprocess.Popen(…)'])),
  'string.atof': 'import string; string.atof = float',
  'string.atoi': 'import string; string.atoi = int',
  'string.atol': 'import string; string.atol = int',
  'string.join': 'import string; string.join = lambda words, sep=" ": sep.join(words)',
  'string.joinfields': 'import string; string.joinfields = lambda words, sep=" ": sep.join(words)',
  ...Object.fromEntries(
    words('letters lowercase uppercase').map((name) => [
      `string.${name}`,
      `import string; string.${name} = string.ascii_${name}`,
    ]),
  ),
  ...Object.fromEntries(
    words(STR_METHODS).map((name) => [`string.${name}`, `import string; string.${name} = str.${name}`]),
  ),
  'sys.maxint': 'import sys; sys.maxint = sys.maxsize',
  'sys.setdefaultencoding': 'import sys; sys.setdefaultencoding = lambda name: None',
  'time.clock': 'import time; time.clock = time.process_time',
  ...Object.fromEntries(
    Object.entries(TYPES).map(([name, type]) => [`types.${name}`, `import types; types.${name} = ${type}`]),
  ),
  ...Object.fromEntries(
    [
      ...words(PARSE).map((name) => [name, 'parse'] as const),
      ...words(REQUEST).map((name) => [name, 'request'] as const),
    ].map(([name, place]) => [`urllib.${name}`, `import urllib.${place}; urllib.${name} = urllib.${place}.${name}`]),
  ),
};

/** Modules of the package email that are written otherwise since 3.0. */
const EMAIL =
  'Charset Encoders Errors FeedParser Generator Header Iterators Message Parser Utils base64MIME quopriMIME';
const EMAIL_MIME = 'Audio Base Image Message Multipart NonMultipart Text';

export const EMAIL_MODULES: Readonly<Record<string, string>> = Object.fromEntries([
  ...words(EMAIL).map((name) => [`email.${name}`, `email.${name.toLowerCase()}`]),
  ...words(EMAIL_MIME).map((name) => [`email.MIME${name}`, `email.mime.${name.toLowerCase()}`]),
]);

/** The command that writes them as Python 3 does; fissix leaves them. `files` are words of the shell. */
export function emailMend(files: string): string {
  const names = words(EMAIL).join('|');
  return `sed -i -E 's/\\bemail\\.MIME([A-Z]\\w+)/email.mime.\\L\\1/g; s/\\bemail\\.(${names})\\b/email.\\L\\1/g; s/^(\\s*)from email import (${names})\\s*$/\\1import email.\\L\\2\\E as \\2/' ${files}`;
}
