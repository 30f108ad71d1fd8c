// Modules of Perl and Python → the Debian package that holds them (trixie). Debian's rule first, exceptions in a table.
// Sources: Debian Perl Policy §4.2, Debian Python Policy §4.3, PEP 594 and "What's New" of Python 3.12 and 3.13.

const PERL_EXCEPTIONS: Readonly<Record<string, string>> = {
  CGI: 'libcgi-pm-perl',
  'CGI::Carp': 'libcgi-pm-perl',
  'CGI::Cookie': 'libcgi-pm-perl',
  'CGI::Pretty': 'libcgi-pm-perl',
  'CGI::Push': 'libcgi-pm-perl',
  'CGI::Util': 'libcgi-pm-perl',
  'CGI::Fast': 'libcgi-fast-perl',
  LWP: 'libwww-perl',
  'HTTP::Request': 'libhttp-message-perl',
  'HTTP::Request::Common': 'libhttp-message-perl',
  'HTTP::Response': 'libhttp-message-perl',
  'HTTP::Headers': 'libhttp-message-perl',
  'HTTP::Status': 'libhttp-message-perl',
  'DBD::SQLite': 'libdbd-sqlite3-perl',
  'Date::Format': 'libtimedate-perl',
  'Date::Parse': 'libtimedate-perl',
  'Date::Language': 'libtimedate-perl',
  'GD::Graph': 'libgd-graph-perl',
  'GD::Text': 'libgd-text-perl',
  GD: 'libgd-perl',
  'HTML::Entities': 'libhtml-parser-perl',
  'HTML::LinkExtor': 'libhtml-parser-perl',
  'HTML::TokeParser': 'libhtml-parser-perl',
  'HTML::TreeBuilder': 'libhtml-tree-perl',
  'HTML::Element': 'libhtml-tree-perl',
  'IO::Scalar': 'libio-stringy-perl',
  'IO::Lines': 'libio-stringy-perl',
  Jcode: 'libjcode-pm-perl',
  'Mail::Address': 'libmailtools-perl',
  'Mail::Header': 'libmailtools-perl',
  'Mail::Internet': 'libmailtools-perl',
  'Mail::Mailer': 'libmailtools-perl',
  'Mail::Send': 'libmailtools-perl',
  'MIME::Entity': 'libmime-tools-perl',
  'MIME::Parser': 'libmime-tools-perl',
  'MIME::Words': 'libmime-tools-perl',
  'Net::LDAP': 'libnet-ldap-perl',
  Template: 'libtemplate-perl',
  URI: 'liburi-perl',
};
// A module of one of these families comes with the family's package.
const PERL_FAMILIES: readonly (readonly [prefix: string, debianPackage: string])[] = [
  ['LWP::', 'libwww-perl'],
  ['URI::', 'liburi-perl'],
  ['GD::Graph::', 'libgd-graph-perl'],
  ['DateTime::', 'libdatetime-perl'],
  ['Template::', 'libtemplate-perl'],
];
/** The libraries of Perl 4 that perl 5.16 dropped: package libperl4-corelibs-perl. */
const PERL4_LIBRARIES: ReadonlySet<string> = new Set(
  `abbrev assert bigfloat bigint bigrat cacheout chat2 complete ctime dotsh exceptions fastcwd find finddepth flush
   ftp getcwd getopt getopts hostname importenv look newgetopt open2 open3 pwd shellwords stat syslog tainted termcap
   timelocal validate`.split(/\s+/),
);

/** Debian's package of a Perl module, or the name its rule gives: Foo::Bar → libfoo-bar-perl. */
export function perlPackage(module: string): string {
  const rule = `lib${module.toLowerCase().replaceAll('::', '-').replaceAll('_', '-')}-perl`;
  return knownPerlPackage(module) ?? rule;
}

/** The package of a module that stands in the table; of any other the name can only be guessed. */
export function knownPerlPackage(module: string): string | undefined {
  return PERL_EXCEPTIONS[module] ?? PERL_FAMILIES.find(([prefix]) => module.startsWith(prefix))?.[1];
}

/** Whether `require "NAME"` asks for a library of Perl 4. */
export function isPerl4Library(file: string): boolean {
  return file.endsWith('.pl') && PERL4_LIBRARIES.has(file.slice(0, -3));
}

const PYTHON_EXCEPTIONS: Readonly<Record<string, string>> = {
  bs4: 'python3-bs4',
  Cheetah: 'python3-cheetah',
  Crypto: 'python3-pycryptodome',
  dateutil: 'python3-dateutil',
  distutils: 'python3-setuptools',
  Image: 'python3-pil',
  MySQLdb: 'python3-mysqldb',
  OpenSSL: 'python3-openssl',
  pkg_resources: 'python3-pkg-resources',
  PIL: 'python3-pil',
  pytz: 'python3-tz',
};

/** Debian's package of a Python module, or the name its rule gives: foo_bar → python3-foo-bar. */
export function pythonPackage(module: string): string {
  const [top = module] = module.split('.');
  return PYTHON_EXCEPTIONS[top] ?? `python3-${top.toLowerCase().replaceAll('_', '-')}`;
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
};
