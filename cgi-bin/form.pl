#!/usr/bin/perl
# A form, by GET and by POST: fields come in the query string or on standard input (RFC 3875, sections 4.1.7 and 4.2).
# Text is bytes from end to end, so it needs no module and no decoding: what was sent in UTF-8 goes back in UTF-8.
use strict;
use warnings;

my $form = $ENV{QUERY_STRING} // '';
if ($ENV{REQUEST_METHOD} eq 'POST') {
    read STDIN, $form, $ENV{CONTENT_LENGTH} || 0;
}

my @fields;
for my $pair (split /[&;]/, $form) {
    my ($name, $value) = map { decoded($_) } split /=/, $pair, 2;
    push @fields, [$name // '', $value // ''];
}
my $method = escaped($ENV{REQUEST_METHOD});
my $rows = join '', map { '<tr><th scope="row">' . escaped($_->[0]) . '</th><td>' . escaped($_->[1]) . "</td></tr>\n" } @fields;
my $answer = @fields ? "<h2>What came in by $method</h2>\n<table>\n$rows</table>" : '<p>Nothing has come in yet. Try a letter with an accent, or a &lt;tag&gt;.</p>';

print <<"END";
Content-Type: text/html; charset=utf-8

<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A form</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main class="page">
<p><a href="/">All examples</a></p>
<h1>A form</h1>
<p>GET puts the fields into the address. POST sends them behind the header.</p>
<form method="get">
<label>Name <input name="name" autocomplete="off"></label>
<label>Colour <input name="colour" autocomplete="off"></label>
<p class="actions"><button>Send by GET</button> <button formmethod="post" formaction="?">Send by POST</button></p>
</form>
$answer
</main>
</body>
</html>
END

sub decoded {
    my ($text) = @_;
    $text =~ tr/+/ /;
    $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    return $text;
}

sub escaped {
    my ($text) = @_;
    my %entity = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;', "'" => '&#39;');
    $text =~ s/([&<>"'])/$entity{$1}/g;
    return $text;
}
