// What each module of the image must do in a script: the body uses it and prints "ok".
// A mere import would not notice a missing shared library or a half-installed dependency.

export const PERL_MODULES: Readonly<Record<string, string>> = {
  CGI: `use CGI qw(:standard); print escapeHTML('<') eq '&lt;' && param('q') eq 'a b' ? 'ok' : 'wrong';`,
  'CGI::Carp': `use CGI::Carp qw(fatalsToBrowser); print 'ok';`,
  'CGI::Fast': `use CGI::Fast; print CGI::Fast->can('new') ? 'ok' : 'wrong';`,
  'CGI::Session': `use CGI::Session; my $s = CGI::Session->new(undef, 'q=1', { Directory => '/tmp' }); $s->param(n => 5); $s->flush;
    print CGI::Session->load(undef, $s->id, { Directory => '/tmp' })->param('n') == 5 ? 'ok' : 'wrong';`,
  DBI: `use DBI; my $d = DBI->connect('dbi:SQLite:dbname=:memory:', '', '', { RaiseError => 1 });
    $d->do('create table t (n)'); $d->do('insert into t values (42)');
    print $d->selectrow_array('select n from t') == 42 ? 'ok' : 'wrong';`,
  'LWP::UserAgent': `use LWP::UserAgent; my $a = LWP::UserAgent->new;
    print $a->is_protocol_supported('https') && $a->get('data:,x')->content eq 'x' ? 'ok' : 'wrong';`,
  'LWP::Protocol::https': `use LWP::Protocol::https; use IO::Socket::SSL; print IO::Socket::SSL::default_ca() ? 'ok' : 'wrong';`,
  'LWP::Simple': `use LWP::Simple; print get('data:,x') eq 'x' ? 'ok' : 'wrong';`,
  'MIME::Lite': `use MIME::Lite; my $m = MIME::Lite->new(From => 'a@example.org', To => 'b@example.org', Subject => 'S', Data => "body\\n");
    print $m->as_string =~ /^Subject: S$/m ? 'ok' : 'wrong';`,
  'Mail::Sendmail': `use Mail::Sendmail; print defined &sendmail ? 'ok' : 'wrong';`,
  'HTML::Template': `use HTML::Template; my $text = '<TMPL_VAR N>'; my $t = HTML::Template->new(scalarref => \\$text); $t->param(N => 'v');
    print $t->output eq 'v' ? 'ok' : 'wrong';`,
  'Date::Parse': `use Date::Parse; use Date::Format; print time2str('%Y', str2time('2001-02-03 12:00')) == 2001 ? 'ok' : 'wrong';`,
  JSON: `use JSON; print encode_json([1]) eq '[1]' && decode_json('{"a":2}')->{a} == 2 ? 'ok' : 'wrong';`,
  'Text::CSV': `use Text::CSV; my $c = Text::CSV->new; $c->parse('a,"b,c"'); print +($c->fields)[1] eq 'b,c' ? 'ok' : 'wrong';`,
  'Crypt::PasswdMD5': `use Crypt::PasswdMD5; print apache_md5_crypt('p', 'salt') =~ /^\\$apr1\\$salt\\$/ ? 'ok' : 'wrong';`,
  'Archive::Zip': `use Archive::Zip; my $z = Archive::Zip->new; $z->addString('content', 'a.txt');
    print $z->contents('a.txt') eq 'content' ? 'ok' : 'wrong';`,
  Switch: `use Switch;
    my $n = 2; my $found = 'wrong'; switch ($n) { case 1 { $found = 'wrong' } case 2 { $found = 'ok' } } print $found;`,
  Jcode: `use Jcode; print Jcode->new("\\xa4\\xa2", 'euc')->sjis eq "\\x82\\xa0" ? 'ok' : 'wrong';`,
  'Perl4::CoreLibs': `no strict; require 'ctime.pl'; require 'timelocal.pl'; require 'getopts.pl'; require 'flush.pl';
    print &ctime(0) =~ /1970/ ? 'ok' : 'wrong';`,
};

export const PYTHON_MODULES: Readonly<Record<string, string>> = {
  cgi: 'import cgi, html\nprint("ok" if cgi.FieldStorage().getfirst("q") == "a b" else "wrong")',
  cgitb: 'import cgitb\ncgitb.enable()\nprint("ok")',
  crypt: 'import crypt\nprint("ok" if crypt.crypt("p", "$1$salt$").startswith("$1$salt$") else "wrong")',
  legacycrypt:
    'import legacycrypt\nprint("ok" if legacycrypt.crypt("p", "$1$salt$").startswith("$1$salt$") else "wrong")',
  aifc: 'import aifc\nprint("ok" if aifc.Error else "wrong")',
  asynchat: 'import asynchat, asyncore\nprint("ok" if asynchat.async_chat else "wrong")',
  audioop: 'import audioop\nprint("ok" if audioop.max(b"\\x05", 1) == 5 else "wrong")',
  chunk: 'import chunk, io\nprint("ok" if chunk.Chunk(io.BytesIO(b"ABCD\\0\\0\\0\\2xy")).read() == b"xy" else "wrong")',
  imghdr: 'import imghdr\nprint("ok" if imghdr.what(None, b"GIF89a") == "gif" else "wrong")',
  mailcap: 'import mailcap\nprint("ok" if mailcap.findmatch({}, "a/b") == (None, None) else "wrong")',
  nntplib: 'import nntplib\nprint("ok" if nntplib.decode_header("a") == "a" else "wrong")',
  pipes: 'import pipes\nprint("ok" if pipes.quote("a b") == "\'a b\'" else "wrong")',
  smtpd: 'import smtpd\nprint("ok" if smtpd.SMTPServer else "wrong")',
  sndhdr: 'import sndhdr\nprint("ok" if sndhdr.what("/dev/null") is None else "wrong")',
  sunau: 'import sunau\nprint("ok" if sunau.AUDIO_FILE_MAGIC == 0x2e736e64 else "wrong")',
  uu: 'import uu, io\nout = io.BytesIO()\nuu.encode(io.BytesIO(b"x"), out, "n")\nprint("ok" if out.getvalue().startswith(b"begin") else "wrong")',
  xdrlib:
    'import xdrlib\np = xdrlib.Packer()\np.pack_int(1)\nprint("ok" if p.get_buffer() == b"\\0\\0\\0\\1" else "wrong")',
  imp: 'import imp\nprint("ok" if imp.find_module("os") else "wrong")',
  telnetlib: 'import telnetlib\nprint("ok" if telnetlib.IAC == b"\\xff" else "wrong")',
};
