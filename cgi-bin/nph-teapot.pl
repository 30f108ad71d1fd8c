#!/usr/bin/perl
# Non-parsed header (RFC 3875, section 5): the name begins with "nph-", so every byte goes to the browser as it is.
# The script writes the status line, ends its lines with CR LF, and says when the answer ends.
use strict;
use warnings;

my $protocol = ($ENV{SERVER_PROTOCOL} // '') eq 'HTTP/1.0' ? 'HTTP/1.0' : 'HTTP/1.1';
my $body = "This answer came out of the script byte for byte, its status line too.\nShort and stout.\n";

print join "\r\n", "$protocol 418 I'm a teapot",
    'Content-Type: text/plain; charset=utf-8',
    'Content-Length: ' . length $body,
    'X-Brewed-By: nph-teapot.pl',
    'Connection: close',
    '', '';
print $body unless $ENV{REQUEST_METHOD} eq 'HEAD';
