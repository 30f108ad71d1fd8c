#!/usr/bin/perl
# A cookie: the browser brings it back in HTTP_COOKIE (RFC 3875, section 4.1.18), so the script can count your visits
# without keeping anything. What a browser sends is never to be believed: only a number is taken.
use strict;
use warnings;

my ($before) = ($ENV{HTTP_COOKIE} // '') =~ /(?:^|;\s*)visits=(\d{1,6})(?:;|$)/;
my $reset = ($ENV{QUERY_STRING} // '') eq 'again';
my $visits = $reset ? 1 : ($before // 0) + 1;
my $times = $visits == 1 ? 'for the first time' : "$visits times";

print <<"END";
Content-Type: text/html; charset=utf-8
Set-Cookie: visits=$visits; Path=/cgi-bin/visits.pl; Max-Age=31536000; HttpOnly; SameSite=Lax
Cache-Control: no-store

<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A cookie</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main class="page">
<p><a href="/">All examples</a></p>
<h1>A cookie</h1>
<p>You have been here <strong>$times</strong>.</p>
<p><a href="/cgi-bin/visits.pl">Come again</a>, or <a href="/cgi-bin/visits.pl?again">begin again</a>.</p>
</main>
</body>
</html>
END
