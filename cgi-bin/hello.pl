#!/usr/bin/perl
# The smallest useful script: a header, an empty line, a body (RFC 3875, section 6.2.1).
use strict;
use warnings;

my ($second, $minute, $hour) = gmtime;

print "Content-Type: text/plain; charset=utf-8\n";
print "\n";
print "Hello from Perl!\n\n";
printf "It is %02d:%02d:%02d UTC.\n", $hour, $minute, $second;
print "I am process $$, and I was started for this request alone.\n";
print "You asked with $ENV{REQUEST_METHOD}.\n";
