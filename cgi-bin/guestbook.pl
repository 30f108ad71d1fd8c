#!/usr/bin/perl
# A guestbook: entries are kept in a file that no address leads to, one a line, under a lock.
# Every post is answered with a redirect (RFC 3875, section 6.2.3), so that a reload does not sign twice.
use strict;
use warnings;
use Fcntl qw(:flock SEEK_END);

my $folder = '../data';    # beside cgi-bin: outside the document root
my $file   = "$folder/guestbook.txt";
my $shown  = 50;

if ($ENV{REQUEST_METHOD} eq 'POST') {
    sign();
} else {
    page('200 OK', '');
}

sub sign {
    my %field = form();
    my $name = one_line($field{name}, 60);
    my $text = one_line($field{text}, 500);
    return page('422 Unprocessable Content', 'Please write a name and a few words.') if $name eq '' or $text eq '';
    mkdir $folder;
    open my $book, '>>', $file or return page('503 Service Unavailable', "Your entry could not be kept: $!. Make the site's folder writable for the user that runs the server.");
    flock $book, LOCK_EX;
    seek $book, 0, SEEK_END;
    print $book join("\t", time, $name, $text), "\n";
    close $book or return page('503 Service Unavailable', "Your entry could not be kept: $!.");
    my $host = $ENV{HTTP_HOST} // "$ENV{SERVER_NAME}:$ENV{SERVER_PORT}";
    print "Status: 303 See Other\nLocation: $ENV{REQUEST_SCHEME}://$host$ENV{SCRIPT_NAME}\n\n";
}

sub entries {
    open my $book, '<', $file or return ();
    flock $book, LOCK_SH;
    my @lines = reverse <$book>;
    return splice @lines, 0, $shown;
}

sub entry {
    my ($line) = @_;
    chomp $line;
    my ($time, $name, $text) = split /\t/, $line, 3;
    my ($minute, $hour, $day, $month, $year) = (gmtime $time)[1 .. 5];
    my $date = sprintf '%04d-%02d-%02d %02d:%02d UTC', $year + 1900, $month + 1, $day, $hour, $minute;
    return sprintf "<li><strong>%s</strong> <small>%s</small><br>%s</li>\n", escaped($name), $date, escaped($text // '');
}

sub form {
    read STDIN, my $form, $ENV{CONTENT_LENGTH} || 0;
    my %field;
    for my $pair (split /&/, $form // '') {
        my ($name, $value) = map { tr/+/ /; s/%([0-9A-Fa-f]{2})/chr hex $1/ge; $_ } split /=/, $pair, 2;
        $field{$name} = $value if defined $value;
    }
    return %field;
}

# At most so many characters, not bytes: an accent is never cut in two.
sub one_line {
    my ($text, $longest) = @_;
    $text //= '';
    $text =~ s/\s+/ /g;
    $text =~ s/^ | $//g;
    my $is_utf8 = utf8::decode($text);
    $text = substr $text, 0, $longest;
    utf8::encode($text) if $is_utf8;
    return $text;
}

sub escaped {
    my ($text) = @_;
    my %entity = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;', "'" => '&#39;');
    $text =~ s/([&<>"'])/$entity{$1}/g;
    return $text;
}

sub page {
    my ($status, $notice) = @_;
    my $notices = $notice ? '<p class="notice" role="alert">' . escaped($notice) . '</p>' : '';
    my $list = join('', map { entry($_) } entries()) || '<li>Nobody has signed yet. Be the first.</li>';
    print <<"END";
Status: $status
Content-Type: text/html; charset=utf-8
Cache-Control: no-store

<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A guestbook</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main class="page">
<p><a href="/">All examples</a></p>
<h1>A guestbook</h1>
$notices
<form method="post">
<label>Name <input name="name" maxlength="60" autocomplete="off" required></label>
<label>A few words <textarea name="text" maxlength="500" rows="3" required></textarea></label>
<button>Sign</button>
</form>
<ul class="entries">
$list</ul>
</main>
</body>
</html>
END
}
