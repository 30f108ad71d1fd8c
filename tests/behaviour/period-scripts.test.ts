// Scripts as people wrote them between 1995 and 2005, in words of our own, as they come out of a zip: no execute bit,
// #! lines of other machines. Each must run unmodified the first time, without a configuration.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { GET, httpAnswer } from '../support/http-answer.ts';
import { startFolder, temporaryFolder } from '../support/start-site.ts';

// Reading a form before CGI.pm: a library that fills the hash of its caller through a typeglob.
const LIBRARY = `package main;
sub ReadParse {
  local (*in) = @_ if @_;
  local ($i, $key, $val);
  if ($ENV{'REQUEST_METHOD'} eq 'GET') { $in = $ENV{'QUERY_STRING'}; }
  else { read(STDIN, $in, $ENV{'CONTENT_LENGTH'}); }
  @in = split(/[&;]/, $in);
  foreach $i (0 .. $#in) {
    $in[$i] =~ s/\\+/ /g;
    ($key, $val) = split(/=/, $in[$i], 2);
    $key =~ s/%(..)/pack("c",hex($1))/ge;
    $val =~ s/%(..)/pack("c",hex($1))/ge;
    $in{$key} .= "\\0" if defined($in{$key});
    $in{$key} .= $val;
  }
  return scalar(@in);
}
1;
`;

const GUESTBOOK = `#!c:\\perl\\bin\\perl.exe
require "lib/cgi-lib.pl";
&ReadParse(*input);
$book = "../guestbook/book.html";
if ($input{'name'}) {
  while (-e "$book.lock" && $tries++ < 3) { sleep 1; }
  open(LOCK, ">$book.lock"); close(LOCK);
  open(BOOK, ">>$book") || die "cannot open $book: $!";
  $input{'comments'} =~ s/\\cM\\n/<br>\\n/g;
  print BOOK "<b>$input{'name'}</b>: $input{'comments'}<hr>\\n";
  close(BOOK);
  unlink("$book.lock");
  print "Location: /guestbook/book.html\\n\\n";
  exit;
}
print "Content-type: text/html\\n\\n<form method=post><input name=name></form>\\n";
`;

const COUNTER = `#!/usr/local/bin/perl5.004
$LOCK_EX = 2; $LOCK_UN = 8;
$file = "data/count.$ENV{'QUERY_STRING'}";
if (! -e $file) { open(NEW, ">$file") || die "cannot create $file: $!"; print NEW "0\\n"; close(NEW); }
open(COUNT, "+<$file") || die "cannot open $file: $!";
flock(COUNT, $LOCK_EX);
$n = <COUNT>; chop($n); $n++;
seek(COUNT, 0, 0); print COUNT "$n\\n";
flock(COUNT, $LOCK_UN); close(COUNT);
print "Content-type: image/gif\\nX-Count: $n\\nPragma: no-cache\\n\\n";
binmode(STDOUT);
print pack("H*", "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b");
`;

const BOARD = `#!/opt/perl4/bin/perl
open(NUMBER, "data.txt"); $num = <NUMBER>; close(NUMBER); $num++;
read(STDIN, $buffer, $ENV{'CONTENT_LENGTH'});
foreach $pair (split(/&/, $buffer)) {
  ($name, $value) = split(/=/, $pair);
  $value =~ tr/+/ /;
  $value =~ s/%([a-fA-F0-9][a-fA-F0-9])/pack("C", hex($1))/eg;
  $FORM{$name} = $value;
}
open(MESSAGE, ">messages/$num\\.html") || die $!;
print MESSAGE "<title>$FORM{'subject'}</title>$FORM{'body'}\\n"; close(MESSAGE);
open(NUMBER, ">data.txt") || die $!; print NUMBER $num; close(NUMBER);
print "Location: thanks.html?about=$FORM{'subject'}\\n\\n";
`;

const IMAGE_MAP = `#!/bin/sh
x=\`echo "$1" | cut -d, -f1\`
if [ "$x" -lt 50 ]; then echo "Location: /left.html"; else echo "Location: /right.html"; fi
echo
`;

const UPLOAD = `#!/usr/bin/perl5
binmode(STDIN);
$ENV{'CONTENT_TYPE'} =~ /boundary="?([^";]+)/; $boundary = "--$1";
read(STDIN, $buffer, $ENV{'CONTENT_LENGTH'});
foreach $part (split(/\\r?\\n?\\Q$boundary\\E(?:--)?\\r?\\n?/, $buffer)) {
  next unless $part =~ /^(Content-Disposition:.*?)\\r\\n\\r\\n(.*)$/s;
  ($head, $data) = ($1, $2);
  ($name) = $head =~ /filename="([^"]*)"/; next unless $name;
  $name =~ s/.*[\\\\\\/]//;
  open(OUT, ">data/$name") || die $!; binmode(OUT); print OUT $data; close(OUT);
}
print "Content-type: text/plain\\n\\nsaved $name\\n";
`;

const ANIMATION = `#!/usr/bin/perl
$| = 1;
print "HTTP/1.0 200 OK\\nContent-type: multipart/x-mixed-replace;boundary=Frame\\n\\n--Frame\\n";
foreach $i (1..3) { print "Content-type: text/plain\\n\\nframe $i\\n--Frame\\n"; select(undef, undef, undef, 0.05); }
`;

const FILES = {
  'index.html': '<img src="/cgi-bin/counter.pl?home"><a href="/cgi-bin/map.sh"><img ismap src="map.gif"></a>',
  'left.html': 'left',
  'right.html': 'right',
  'guestbook/book.html': '',
  'cgi-bin/lib/cgi-lib.pl': LIBRARY,
  'cgi-bin/guestbook.cgi': GUESTBOOK,
  'cgi-bin/counter.pl': COUNTER,
  'cgi-bin/map.sh': IMAGE_MAP,
  'cgi-bin/upload.pl': UPLOAD,
  'cgi-bin/nph-anim.pl': ANIMATION,
  'cgi-bin/data/readme.txt': 'data of the scripts',
  'wwwboard/wwwboard.pl': BOARD,
  'wwwboard/messages/readme.txt': 'messages',
};

async function startPeriodSite(t: TestContext) {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text, { mode: 0o644 });
  }
  return startFolder(t, folder);
}

const form = (body: string): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  redirect: 'manual',
});

describe('scripts of 1995 to 2005', () => {
  it('sign a guest book through the library of the time, and show it', async (t) => {
    const { get, folder } = await startPeriodSite(t);
    const response = await get('/cgi-bin/guestbook.cgi', form('name=J%F6rg&comments=one%0D%0Atwo'));
    assert.equal(response.status, 200);
    assert.equal(Buffer.from(await response.arrayBuffer()).toString('latin1'), '<b>J\xf6rg</b>: one<br>\ntwo<hr>\n');
    assert.deepEqual(await readdir(join(folder, 'guestbook')), ['book.html']);
  });

  it('count under a lock, and print a picture', async (t) => {
    const { get } = await startPeriodSite(t);
    const first = await get('/cgi-bin/counter.pl?home');
    assert.equal(first.headers.get('content-type'), 'image/gif');
    assert.equal(Buffer.from(await first.arrayBuffer()).toString('latin1', 0, 6), 'GIF89a');
    const others = await Promise.all(Array.from({ length: 8 }, () => get('/cgi-bin/counter.pl?home')));
    const counts = others.map((response) => Number(response.headers.get('x-count')));
    assert.deepEqual(counts.sort(), [2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('post a message to a board, and lead on with blanks in the address', async (t) => {
    const { get } = await startPeriodSite(t);
    const response = await get('/wwwboard/wwwboard.pl', form('subject=Hello+all&body=%3Cp%3EHi'));
    assert.deepEqual([response.status, response.headers.get('location')], [302, 'thanks.html?about=Hello%20all']);
    assert.equal(await (await get('/wwwboard/messages/1.html')).text(), '<title>Hello all</title><p>Hi\n');
  });

  it('read where a picture was clicked', async (t) => {
    const { get } = await startPeriodSite(t);
    assert.equal(await (await get('/cgi-bin/map.sh?30,40')).text(), 'left');
    assert.equal(await (await get('/cgi-bin/map.sh?60,40')).text(), 'right');
  });

  it('take an upload apart by hand, byte for byte', async (t) => {
    const { get, folder } = await startPeriodSite(t);
    const body = new FormData();
    const bytes = Buffer.from('\0\r\n\xff--x\r\n'.repeat(20_000), 'latin1');
    body.append('file', new Blob([bytes]), 'C:\\My Files\\cat.gif');
    assert.equal(await (await get('/cgi-bin/upload.pl', { method: 'POST', body })).text(), 'saved cat.gif\n');
    assert.ok(bytes.equals(await readFile(join(folder, 'cgi-bin/data/cat.gif'))));
  });

  it('push one picture after the other', async (t) => {
    const { raw } = await startPeriodSite(t);
    const answer = httpAnswer(
      Buffer.from((await raw(GET('/cgi-bin/nph-anim.pl'))).toString('latin1').replace('\n\n', '\r\n\r\n'), 'latin1'),
    );
    assert.match(answer.statusLine, /^HTTP\/1\.0 200 OK/);
    assert.equal(answer.body.match(/frame \d/g)?.length, 3);
  });

  it('are each warned about, and none of their data is shown', async (t) => {
    const { get, warnings } = await startPeriodSite(t);
    await (await get('/cgi-bin/counter.pl?home')).text();
    assert.match(warnings.join('\n'), /counter\.pl: it has no execute bit.*chmod \+x/);
    for (const path of ['/cgi-bin/data/count.home', '/cgi-bin/data/readme.txt'])
      assert.equal((await get(path)).status, 403);
  });
});
