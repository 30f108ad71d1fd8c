// Spellings of old scripts that the perl of today refuses, and what the commands of failure page and doctor make of them.

export interface OldPerl {
  /** As doctor writes it; the table of stderr messages has it in camel case. */
  readonly id: string;
  /** Behind the #! line; bytes in latin1. */
  readonly before: string;
  /** The same where the commands only show the place. */
  readonly after: string;
}

const shapes = (id: string, pairs: readonly (readonly [before: string, after?: string])[]): readonly OldPerl[] =>
  pairs.map(([before, after = before]) => ({ id, before, after }));

export const OLD_PERL: readonly OldPerl[] = [
  ...shapes('perl-defined-aggregate', [
    ['if (defined @a) { print 1 }', 'if (scalar(@a)) { print 1 }'],
    ['print 1 if defined(@Foo::ISA);', 'print 1 if scalar(@Foo::ISA);'],
    ['if (@b && defined @a) { print 1 }', 'if (@b && scalar(@a)) { print 1 }'],
    ["print 1 unless defined @main'a;", "print 1 unless scalar(@main'a);"],
    ['print 1 if defined(@$x);', 'print 1 if scalar(@$x);'],
    [
      'print 1 if defined( @{$h{x}} ) or defined @{ $h->{y}{z} };',
      'print 1 if scalar(@{$h{x}}) or scalar(@{ $h->{y}{z} });',
    ],
    ['print 1 if defined(@{"${class}::ISA"});', 'print 1 if scalar(@{"${class}::ISA"});'],
    ['print 1 if !defined (%ENV) && ! defined %$h;', 'print 1 if !scalar(%ENV) && ! scalar(%$h);'],
    ["print 1 if defined(@::a); print 'if defined @a';", "print 1 if scalar(@::a); print 'if defined @a';"],
    [
      'print 1 if defined %h and defined @a[0] and defined(@h{x});',
      'print 1 if scalar(%h) and defined @a[0] and defined(@h{x});',
    ],
    ['print 1 if defined(my @a);'],
  ]),
  ...shapes('perl-lexical-topic', [
    ['my  $_ = shift; print;', 'local $_ = shift; print;'],
    ['foreach my $_ (1,2) { print }', 'foreach (1,2) { print }'],
    ['sub f { my ($_) = @_; tr/a-z//cd } f("x");', 'sub f { local ($_) = @_; tr/a-z//cd } f("x");'],
    ['sub f { my ( $a, $_ ) = @_; print } f("x");'],
  ]),
  ...shapes('perl-bare-list', [
    ['for my $x qw/a b/ { print $x }', 'for my $x (qw/a b/) { print $x }'],
    [
      'foreach $i (qw(a b)) { for $j qw{c d} { print $i.$j } }',
      'foreach $i (qw(a b)) { for $j (qw{c d}) { print $i.$j } }',
    ],
    ['foreach $x qw (a caf\xe9\n b)\n{ print $x }', 'foreach $x (qw (a caf\xe9\n b))\n{ print $x }'],
    ['foreach our $x qw[a b] { print $x[0] }', 'foreach our $x (qw[a b]) { print $x[0] }'],
    ['foreach $x qw|a b| { print $x }', 'foreach $x (qw|a b|) { print $x }'],
  ]),
  ...shapes('perl-left-brace', [
    [
      'print 1 if $x =~ /\\w{/ or $y =~ /^\\d{foo}\\d{2}\\s{$n}/;',
      'print 1 if $x =~ /\\w\\{/ or $y =~ /^\\d\\{foo}\\d{2}\\s{$n}/;',
    ],
    ['print 1 if $x =~ /\\w{1,x}/;'],
  ]),
  ...shapes('perl-pragma-dropped', [
    ['use encoding "euc-jp";\nprint "\xa4\xa2";', '\nprint "\xa4\xa2";'],
    ['use encoding "latin1"; print "caf\xe9";', ' print "caf\xe9";'],
    ['\tuse encoding "utf8", STDIN => undef;\nprint 1;', '\t\nprint 1;'],
    ['use encoding ":locale";\nprint "caf\xc3\xa9";', 'use utf8; binmode STDOUT, \':utf8\';\nprint "caf\xc3\xa9";'],
  ]),
  ...shapes('perl-temporary-name', [['use POSIX; my $f = POSIX::tmpnam();']]),
  ...shapes('perl-form-name', [
    [
      'use CGI; my $q = CGI->new; print $q->startform, $q->endform;',
      'use CGI; my $q = CGI->new; print $q->start_form, $q->end_form;',
    ],
    [
      'use CGI qw(:standard); print header, startform(-method => "POST"), endform;',
      'use CGI qw(:standard); print header, start_form(-method => "POST"), end_form;',
    ],
  ]),
];
