# A warm perl: its modules are loaded, and each script runs in a fork of it (PRODUCT.md section 7, decisions/004).
# Promises: the script is the main program: perl itself reads the file, so DATA, caller, -w, BEGIN and texts are its own.
# It speaks the frames of fork-protocol.ts as fork-server.py does; a command is the cold one: perl, switches, script.
# Started as `perl -M5.006;BEGIN{require FILE;Cgibox::Warm::serve()} FILE PIPES [MODULE…]`: while that BEGIN runs, perl
# has opened FILE as its program and read nothing of it; in a fork the descriptor becomes the script.
package Cgibox::Warm;
use strict;
use warnings;
use Fcntl ();
use Filter::Util::Call ();
use POSIX ();

# Each page that a module takes is paid for at every fork: what a CGI script is likely to want, and no more.
# Not those that act when they are loaded: FindBin looks at $0, CGI::Carp takes die over.
my @MODULES = qw(
    strict warnings vars lib Carp Exporter POSIX Fcntl Cwd File::Basename Time::Local MIME::Base64 CGI CGI::Cookie
);
my ($READY, $PIPE, $STARTED, $FAILED, $EXITED, $NO_PIPE) = 0 .. 5;
my ($NONE, $LOOK_EVERY, $KILL_AFTER) = (255, 1, 5);
my @SIGNALS = qw(TERM INT HUP PIPE XFSZ CHLD);
my ($input, $output, $null, $program, @pipes, @missing, %scripts, %stamps, %loaded, $looked, $outdated, $abort);

# Gives the control back only in a fork, where perl goes on to read the script.
sub serve {
    my ($count, undef, undef, undef, undef, @modules) = splice @ARGV;
    {
        local ($SIG{__WARN__}, $SIG{__DIE__}) = (sub { }, 'DEFAULT');
        # One that is not there is for the script that wants it to complain of.
        # By file: a string to eval would be counted, and a script's own first one be called "(eval 2)".
        for my $file (map { s{::}{/}gr . '.pm' } @modules ? @modules : @MODULES) {
            eval { require $file };
        }
    }
    %loaded = %INC;
    %stamps = map { $_ => stamp($_) } grep { defined && !ref } values %INC;
    isolate();
    my $answers = refill(0 .. $count - 1);
    answer($answers . pack 'l6', $READY, 0, $$, fileno $pipes[0][0], 0, 0);
    become(listen_until_forked());
}

sub listen_until_forked {
    my $data = '';
    while (1) {
        vec(my $readable = '', fileno $input, 1) = 1;
        # A SIGCHLD just before the call would not end it.
        my $count = select $readable, undef, undef, %scripts || @missing ? 0.02 : undef;
        reap();
        answer(refill(splice @missing)) if @missing;
        next if $count < 1;
        my $read = sysread $input, $data, 65536, length $data;
        next if !defined $read && $!{EINTR};
        return abandon() if !$read;
        while (length $data >= 4 && length $data >= (my $end = 4 + unpack 'V', $data)) {
            POSIX::_exit(0) if $end == 4;
            my $script = launch(substr $data, 0, $end, '');
            return $script if $script;
        }
    }
}

sub launch {
    my (undef, $id, $stdin, $stdout, $stderr, $count) = unpack 'VVCCCxV', $_[0];
    my @words = split /\0/, substr($_[0], 16), -1;
    my @used = grep { $_ != $NONE } $stdin, $stdout, $stderr;
    my ($server, $pid, $answers) = ($$);
    if (has_changed()) { $! = POSIX::ECANCELED() }
    elsif (chdir $words[0]) { $pid = fork }
    if (defined $pid && $pid == 0) {
        # The server made it lead a group, and such a process cannot begin a session.
        POSIX::setsid() > 0 or POSIX::setpgid(0, $server), POSIX::setsid();
        my ($argv, %environment) = ([@words[1 .. $count + 1]], @words[$count + 2 .. $#words]);
        my @ends = ($stdin == $NONE ? $null : $pipes[$stdin][0], $pipes[$stdout][1], $pipes[$stderr][1]);
        return { argv => $argv, environment => \%environment, ends => \@ends };
    }
    if (defined $pid) {
        $scripts{$pid} = $id;
        # Whoever is told the number may signal the group; the fork may not run for a while.
        POSIX::setpgid($pid, $pid);
        $answers = pack 'l6', $STARTED, $id, $pid, 0, 0, 0;
    }
    else {
        $answers = pack 'l6', $FAILED, $id, $! + 0, 0, 0, 0;
    }
    chdir '/';    # A mount that a script was in can be taken away.
    undef $pipes[$_] for @used;
    answer($answers . refill(@used));
    return;
}

# What perl itself does between its start and the first line of a script, as far as the resident differs from that.
sub become {
    my ($script) = @_;
    my @argv = @{ $script->{argv} };
    shift @argv;
    shift @argv while @argv && $argv[0] =~ /^-/;
    POSIX::dup2(fileno $script->{ends}[$_], $_) for 0 .. 2;
    close $_ for $input, $output, $null, map { $_ ? @$_ : () } @pipes;
    @pipes = ();
    delete @SIG{@SIGNALS};
    $0 = my $file = shift @argv;
    @ARGV = @argv;
    %ENV = %{ $script->{environment} };
    $^T = time;
    guard_lib($script);
    my $source = POSIX::open($file, POSIX::O_RDONLY());
    # It was readable when it was asked for; now perl says what it is.
    execute($script) if !defined $source;
    POSIX::dup2($source, $program);
    POSIX::close($source);
    open my $handle, '<&=', $program or execute($script);
    fcntl $handle, Fcntl::F_SETFD(), Fcntl::FD_CLOEXEC();
    close $handle;
    delete @INC{'Filter/Util/Call.pm', grep { /warm-perl\.pl$/ } keys %INC};
    name_in_abort($file);
    Filter::Util::Call::filter_add(sub {
        Filter::Util::Call::filter_del();
        ($_, $@, $!, $?) = (qq{#line 1 "$file"\n}, '', 0, 0);
        return 1;
    });
}

# "Execution of FILE aborted due to compilation errors": the one text for which perl has kept the name of its program.
sub name_in_abort {
    my ($file) = @_;
    my $own = quotemeta __FILE__;
    $abort = $SIG{__DIE__} = sub { die $_[0] =~ s/^(Execution of )$own /$1$file /mr if !ref $_[0]; };
}

INIT {
    delete $SIG{__DIE__} if $abort && ref $SIG{__DIE__} && $SIG{__DIE__} == $abort;
    undef $abort;
}

# A script that brings its own copy of a module that is loaded gets what it asks for: a perl that has loaded nothing.
sub guard_lib {
    my ($script) = @_;
    my $import = lib->can('import') or return;
    no warnings 'redefine';
    *lib::import = sub {
        my (undef, @folders) = @_;
        for my $folder (grep { !ref && -d } @folders) {
            execute($script) if grep { -e "$folder/$_" && "$folder/$_" ne $loaded{$_} } keys %loaded;
        }
        goto &$import;
    };
}

sub execute {
    my ($script) = @_;
    %ENV = %{ $script->{environment} };
    my @argv = @{ $script->{argv} };
    exec { $^X } @argv or POSIX::_exit(127);
}

sub has_changed {
    return $outdated if $outdated || time - $looked < $LOOK_EVERY;
    $looked = time;
    return $outdated = grep { stamp($_) ne $stamps{$_} } keys %stamps;
}

sub stamp {
    return join ' ', (stat $_[0])[1, 7, 9];
}

sub refill {
    my $answers = '';
    for my $slot (@_) {
        if (pipe my $read_end, my $write_end) {
            $pipes[$slot] = [$read_end, $write_end];
            $answers .= pack 'l6', $PIPE, $slot, fileno $read_end, fileno $write_end, 0, 0;
        }
        else {
            $answers .= pack 'l6', $NO_PIPE, $slot, $! + 0, 0, 0, 0;
            push @missing, $slot;
        }
    }
    return $answers;
}

sub reap {
    my $answers = '';
    while (%scripts && (my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
        my $id = delete $scripts{$pid};
        my $has_group = kill(0, -$pid) || $!{EPERM};
        $answers .= pack 'l6', $EXITED, $id, $? >> 8, $? & 127, $has_group ? 1 : 0, 0 if defined $id;
    }
    answer($answers);
}

# Node is gone without a goodbye: nobody reads what the scripts write, or would ever end them.
sub abandon {
    for (['TERM', $KILL_AFTER], ['KILL', 1]) {
        my ($signal, $seconds) = @$_;
        kill $signal, map { -$_ } keys %scripts;
        for (my $left = $seconds * 20; %scripts && $left > 0; $left--) {
            select undef, undef, undef, 0.05;
            reap();
        }
    }
    POSIX::_exit(0);
}

sub answer {
    my ($data) = @_;
    while (length $data) {
        my $written = syswrite $output, $data;
        next if !defined $written && $!{EINTR};
        last if !$written;
        substr $data, 0, $written, '';
    }
}

# Moves the control pipes above 2, closes whatever else was inherited, and settles umask and signals.
sub isolate {
    open $input, '<&', \*STDIN or die;
    open $output, '>&', \*STDOUT or die;
    open $null, '<', '/dev/null' or die;
    POSIX::dup2(fileno $null, $_) for 0, 1;
    my %ours = map { fileno $_ => 1 } $input, $output, $null;
    for my $number (grep { $_ > 2 && !$ours{$_} } map { m{(\d+)$} } glob '/proc/self/fd/*') {
        my $target = readlink "/proc/self/fd/$number" // next;
        if ($target eq __FILE__) { $program = $number }
        else { POSIX::close($number) }
    }
    umask 022;
    $SIG{$_} = 'IGNORE' for qw(TERM INT HUP PIPE XFSZ);
    $SIG{CHLD} = sub { };
    POSIX::sigprocmask(POSIX::SIG_SETMASK(), POSIX::SigSet->new);
    $looked = time;
}

1;
