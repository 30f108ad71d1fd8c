#!/usr/bin/perl
# Mojolicious::Lite finds out by itself that it is a CGI script.
use Mojolicious::Lite -signatures;

app->secrets(['secret']);
get '/' => sub ($c) { $c->render(text => 'root ' . $c->url_for('/item/1')) };
get '/item/:x' => sub ($c) { $c->render(json => { x => $c->param('x'), q => $c->param('q') }) };
post '/form' => sub ($c) { my $file = $c->param('file'); $c->render(text => ref $file ? $file->filename . ' ' . $file->size : $c->param('text')) };
get '/away' => sub ($c) { $c->redirect_to('/item/1') };
get '/parts' => sub ($c) { $c->write_chunk("a\n" => sub { $c->write_chunk("b\n" => sub { $c->finish }) }) };
app->start;
