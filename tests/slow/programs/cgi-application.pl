#!/usr/bin/perl
# CGI::Application: run modes, one that redirects, one that writes its own header.
package Site;
use base 'CGI::Application';

sub setup { $_[0]->start_mode('start'); $_[0]->run_modes([qw(start away own)]) }
sub start { '<p>start of ' . $_[0]->query->script_name . '</p>' }
sub away { $_[0]->header_type('redirect'); $_[0]->header_props(-url => 'cgi-application.pl?rm=start'); 'go' }
sub own { $_[0]->header_type('none'); "Status: 404 Gone Away\nContent-Type: text/plain\n\nnone" }

package main;
Site->new->run;
