// What Debian's file lists (debian-lists.ts) do not say of modules: libraries of Perl 4, and what left Python.
// Sources: PEP 594 and "What's New" of Python 3.12 and 3.13.
import { EMAIL_MODULES } from './python2-names.ts';

/** The libraries of Perl 4 that perl 5.16 dropped: package libperl4-corelibs-perl. */
const PERL4_LIBRARIES: ReadonlySet<string> = new Set(
  `abbrev assert bigfloat bigint bigrat cacheout chat2 complete ctime dotsh exceptions fastcwd find finddepth flush
   ftp getcwd getopt getopts hostname importenv look newgetopt open2 open3 pwd shellwords stat syslog tainted termcap
   timelocal validate`.split(/\s+/),
);

/** Whether `require "NAME"` asks for a library of Perl 4. */
export function isPerl4Library(file: string): boolean {
  return file.endsWith('.pl') && PERL4_LIBRARIES.has(file.slice(0, -3));
}

/** Modules that left the standard library, with the version and Debian's re-packaging where there is one. */
export const REMOVED_PYTHON_MODULES: Readonly<Record<string, { version: string; debianPackage?: string }>> = {
  binhex: { version: '3.11' },
  formatter: { version: '3.10' },
  parser: { version: '3.10' },
  symbol: { version: '3.10' },
  asynchat: { version: '3.12', debianPackage: 'python3-standard-asynchat' },
  asyncore: { version: '3.12', debianPackage: 'python3-pyasyncore' },
  distutils: { version: '3.12', debianPackage: 'python3-setuptools' },
  imp: { version: '3.12', debianPackage: 'python3-zombie-imp' },
  smtpd: { version: '3.12', debianPackage: 'python3-standard-smtpd' },
  audioop: { version: '3.13', debianPackage: 'python3-audioop-lts' },
  cgi: { version: '3.13', debianPackage: 'python3-legacy-cgi' },
  cgitb: { version: '3.13', debianPackage: 'python3-legacy-cgi' },
  crypt: { version: '3.13', debianPackage: 'python3-crypt-r' },
  msilib: { version: '3.13' },
  nis: { version: '3.13' },
  ossaudiodev: { version: '3.13' },
  spwd: { version: '3.13' },
  telnetlib: { version: '3.13', debianPackage: 'python3-zombie-telnetlib' },
  ...Object.fromEntries(
    ['aifc', 'chunk', 'imghdr', 'mailcap', 'nntplib', 'pipes', 'sndhdr', 'sunau', 'uu', 'xdrlib'].map((module) => [
      module,
      { version: '3.13', debianPackage: `python3-standard-${module}` },
    ]),
  ),
};

/** Modules of Python 2 that have another name today. */
export const RENAMED_PYTHON_MODULES: Readonly<Record<string, string>> = {
  BaseHTTPServer: 'http.server',
  CGIHTTPServer: 'http.server',
  ConfigParser: 'configparser',
  Cookie: 'http.cookies',
  HTMLParser: 'html.parser',
  Queue: 'queue',
  SimpleHTTPServer: 'http.server',
  SocketServer: 'socketserver',
  StringIO: 'io',
  Tkinter: 'tkinter',
  UserDict: 'collections',
  __builtin__: 'builtins',
  anydbm: 'dbm',
  cPickle: 'pickle',
  cStringIO: 'io',
  commands: 'subprocess',
  cookielib: 'http.cookiejar',
  copy_reg: 'copyreg',
  dbhash: 'dbm.gnu',
  dumbdbm: 'dbm.dumb',
  gdbm: 'dbm.gnu',
  htmlentitydefs: 'html.entities',
  httplib: 'http.client',
  md5: 'hashlib',
  mimetools: 'email',
  popen2: 'subprocess',
  rfc822: 'email',
  sets: 'the built-in set',
  sha: 'hashlib',
  thread: '_thread',
  urllib2: 'urllib.request',
  urlparse: 'urllib.parse',
  whichdb: 'dbm',
  xmlrpclib: 'xmlrpc.client',
  ...EMAIL_MODULES,
};
