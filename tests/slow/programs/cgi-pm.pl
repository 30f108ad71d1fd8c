#!/usr/bin/perl -wT
# CGI.pm whole: addresses, fields, an upload, cookies, a header of many fields.
use strict;
use CGI qw(:standard);
use CGI::Carp qw(fatalsToBrowser);

print header(-type => 'text/plain', -charset => 'ISO-8859-1', -cookie => cookie(-name => 'seen', -value => ['a', 'b']));
print join("\n", url(), url(-absolute => 1), self_url(), path_info(), path_translated() // '-', request_method(), remote_host()), "\n";
print "$_=", join('|', multi_param($_)), "\n" for sort { $a cmp $b } param();
if (my $file = upload('file')) {
  local $/;
  my $content = <$file>;
  print 'file ', length($content), ' ', uploadInfo(param('file'))->{'Content-Type'}, "\n";
}
print "cookie $_=", cookie($_), "\n" for sort { $a cmp $b } cookie();
print 'error ', cgi_error() // '-', "\n";
