#!/usr/bin/perl
# A PSGI program through Plack::Handler::CGI: parts, cookies, answers without a body.
use Plack::Handler::CGI;
use Plack::Request;

Plack::Handler::CGI->new->run(sub {
  my $request = Plack::Request->new(shift);
  my $path = $request->path_info;
  return [204, [], []] if $path eq '/nothing';
  return [304, [ETag => '"x"'], []] if $path eq '/unchanged';
  return sub {
    my $writer = shift->([200, ['Content-Type' => 'text/plain', 'Set-Cookie' => 'a=1', 'Set-Cookie' => 'b=2']]);
    $writer->write("line $_\n") for 1 .. 3;
    $writer->close;
  } if $path eq '/parts';
  my $fields = $request->parameters;
  my @sizes = map { "$_: " . $request->uploads->{$_}->size } sort keys %{ $request->uploads };
  return [200, ['Content-Type' => 'text/plain'], [join "\n", $request->method, $request->uri, $path, map({ "$_=" . join '|', $fields->get_all($_) } sort keys %$fields), @sizes]];
});
