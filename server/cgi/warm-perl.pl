# A warm perl: its modules are loaded, and each script runs in a fork of it (PRODUCT.md section 7, decisions/004).
# Promises: the script is the main program: perl itself reads the file, so DATA, caller, -w, BEGIN and texts are its own.
# It speaks the frames of fork-protocol.ts as fork-server.py does; a command is the cold one: perl, switches, script.
# Started as `perl -M5.006;BEGIN{require FILE;Cgibox::Warm::serve()} FILE LIMIT LIMIT LIMIT LIMIT [MODULE…]`: while that BEGIN runs, perl
# has opened FILE as its program and read nothing of it; in a fork the descriptor becomes the script.
package Cgibox::Warm;
use strict;
use warnings;
use Filter::Util::Call ();
use POSIX ();

my ($LAUNCH, $RELEASE) = 0 .. 1;
my ($READY, $STARTED, $FAILED, $OUTPUT, $HAND_OVER, $EXITED) = 0 .. 5;
my ($LOOK_EVERY, $KILL_AFTER, $READ_BYTES, $STREAM_BYTES, $STREAM_READS) = (1, 5, 65536, 49152, 8);
my ($START_PATIENCE, $OUTPUT_PATIENCE, $PATIENCE_FRAMES) = (0.025, 0.002, 12);
# Of Linux, on all machines that Node is built for.
my $O_CLOEXEC = 02000000;
my ($input, $output, $null, $program, $no_signals, @own_files, %scripts, %streams, %held, %stamps, %loaded, $looked, $outdated, $leaving, $abort);
my ($watched, $answers, $urgent, $said, $patience) = ('', '', 0, 0);

# Gives the control back only in a fork, where perl goes on to read the script.
sub serve {
    my (undef, undef, undef, undef, @modules) = splice @ARGV;
    {
        local ($SIG{__WARN__}, $SIG{__DIE__}) = (sub { }, 'DEFAULT');
        # One that is not there is for the script that wants it to complain of.
        # By file: a string to eval would be counted, and a script's own first one be called "(eval 2)".
        for my $file (map { s{::}{/}gr . '.pm' } @modules) {
            eval { require $file };
        }
    }
    %loaded = %INC;
    %stamps = map { $_ => stamp($_) } grep { defined && !ref } values %INC;
    @own_files = ('Filter/Util/Call.pm', grep { /warm-perl\.pl$/ } keys %INC);
    isolate();
    say($READY, 0, 0, 0, $$, $null);
    flush();
    become(listen_until_forked());
}

sub listen_until_forked {
    my $data = '';
    vec($watched, $input, 1) = 1;
    while (!$leaving || %held) {
        my $readable = $watched;
        # A SIGCHLD just before the call would not end it.
        my $count = select $readable, undef, undef, $patience // (%scripts ? 0.02 : undef);
        if ($count > 0) {
            vec($readable, $_, 1) && forward($_) for keys %streams;
        }
        reap();
        if ($count > 0 && vec $readable, $input, 1) {
            my $read = POSIX::read($input, my $more, 65536);
            return abandon() if defined $read ? !length $more : !$!{EINTR};
            $data .= $more if defined $read;
            while (length $data >= 4 && length $data >= (my $end = 4 + unpack 'V', $data)) {
                # At once, not with the next: if this process dies, at most one launch is in doubt.
                flush();
                my $script = take(substr $data, 0, $end, '');
                return $script if $script;
            }
        }
        flush() if $urgent || $count < 1;
    }
    POSIX::_exit(0);
}

# Gives the script, in the fork that is to run it.
sub take {
    return leave() if length $_[0] == 4;
    my (undef, $kind, $detail, $id, $count) = unpack 'VCCxxVV', $_[0];
    return launch($id, $detail, $count, $_[0]) if $kind == $LAUNCH;
    my $end = delete $held{"$id $detail"};
    POSIX::close($end) if defined $end;
    return;
}

# Goodbye: Node is done with this process, and looks after the scripts itself.
sub leave {
    $leaving = 1;
    hand_over($_) for keys %streams;
    return;
}

sub launch {
    my ($id, $has_body, $count) = @_;
    my @words = split /\0/, substr($_[3], 16), -1;
    my ($server, $pid, @pipes) = ($$);
    if (has_changed()) { $! = POSIX::ECANCELED() }
    elsif (chdir $words[0]) {
        for (0 .. ($has_body ? 2 : 1)) {
            my @pipe = POSIX::pipe() or last;
            push @pipes, @pipe;
        }
        $pid = fork if @pipes == ($has_body ? 6 : 4);
    }
    if (defined $pid && $pid == 0) {
        # The server made it lead a group, and such a process cannot begin a session.
        POSIX::setsid() > 0 or POSIX::setpgid(0, $server), POSIX::setsid();
        return { words => \@words, last_argument => 1 + $count, pipes => \@pipes, stdin => $has_body ? $pipes[4] : $null };
    }
    if (defined $pid) {
        # Whoever is told the number may signal the group; the fork may not run for a while.
        POSIX::setpgid($pid, $pid);
        $scripts{$pid} = $id;
        say($STARTED, 0, 0, $id, $pid, $has_body ? $pipes[5] : -1);
        $urgent ||= $has_body;
        keep($id, @pipes);
    }
    else {
        say($FAILED, 0, 0, $id, $! + 0);
        POSIX::close($_) for @pipes;
    }
    chdir '/';    # A mount that a script was in can be taken away.
    return;
}

sub keep {
    my ($id, @pipes) = @_;
    POSIX::close($_) for @pipes[1, 3], @pipes > 4 ? $pipes[4] : ();
    for my $number (1, 2) {
        my $read_end = $pipes[2 * $number - 2];
        $streams{$read_end} = [$id, $number, $STREAM_BYTES, $STREAM_READS];
        vec($watched, $read_end, 1) = 1;
    }
    $held{"$id 0"} = $pipes[5] if @pipes > 4;
}

# Sends what a script wrote, and that it will write no more.
sub forward {
    my ($read_end) = @_;
    my $stream = $streams{$read_end};
    my $read = POSIX::read($read_end, my $bytes, $READ_BYTES);
    return if !defined $read;
    my ($id, $number) = @$stream;
    if (length $bytes) {
        say($OUTPUT, $number, 0, $id, 0, 0, 0, $bytes);
        $stream->[2] -= length $bytes;
        hand_over($read_end) if $stream->[2] <= 0 || !--$stream->[3];
        return;
    }
    forget($read_end);
    POSIX::close($read_end);
    say($OUTPUT, $number, 1, $id);
}

sub hand_over {
    my ($read_end) = @_;
    my ($id, $number) = @{ $streams{$read_end} };
    forget($read_end);
    $held{"$id $number"} = $read_end;
    say($HAND_OVER, $number, 0, $id, $read_end);
}

sub forget {
    my ($read_end) = @_;
    delete $streams{$read_end};
    vec($watched, $read_end, 1) = 0;
}

# What perl itself does between its start and the first line of a script, as far as the resident differs from that.
# In as few variables as can be: each page of memory that is written here is copied, which is most of what a fork costs.
sub become {
    my ($script) = @_;
    my ($words, $pipes) = @$script{qw(words pipes)};
    POSIX::dup2($script->{stdin}, 0);
    POSIX::dup2($pipes->[1], 1);
    POSIX::dup2($pipes->[3], 2);
    POSIX::close($_) for $input, $output, $null, $program, @$pipes, keys %streams, values %held;
    delete $SIG{CHLD};
    POSIX::sigprocmask(POSIX::SIG_SETMASK(), $no_signals);
    take_environment($script);
    @ARGV = @$words[2 .. $script->{last_argument}];
    shift @ARGV while $ARGV[0] =~ /^-/;
    $0 = my $file = shift @ARGV;
    $^T = time;
    guard_lib($script);
    # It was readable when it was asked for; where it no longer is, perl says so.
    my $source = POSIX::open($file, POSIX::O_RDONLY() | $O_CLOEXEC) // execute($script);
    execute($script) if $source != $program;
    delete @INC{@own_files};
    name_in_abort($file);
    Filter::Util::Call::filter_add(sub {
        Filter::Util::Call::filter_del();
        ($_, $@, $!, $?) = (qq{#line 1 "$file"\n}, '', 0, 0);
        return 1;
    });
}

sub take_environment {
    my ($script) = @_;
    my $words = $script->{words};
    %ENV = @$words[$script->{last_argument} + 1 .. $#$words];
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
    take_environment($script);
    my @argv = @{ $script->{words} }[1 .. $script->{last_argument}];
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

sub reap {
    while (%scripts && (my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
        my $id = delete $scripts{$pid} // next;
        my $has_group = kill(0, -$pid) || $!{EPERM};
        say($EXITED, 0, 0, $id, $? >> 8, $? & 127, $has_group ? 1 : 0);
    }
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

sub say {
    my ($kind, $number, $is_end, $id, $first, $second, $third, $bytes) = @_;
    $bytes //= '';
    $patience = $kind == $OUTPUT ? $OUTPUT_PATIENCE : $patience // $START_PATIENCE;
    $urgent ||= ++$said >= $PATIENCE_FRAMES || $kind != $STARTED && $kind != $OUTPUT;
    $answers .= pack 'CCCxl4Va*', $kind, $number, $is_end, $id, $first // 0, $second // 0, $third // 0, length $bytes, $bytes;
}

sub flush {
    while (length $answers) {
        my $written = POSIX::write($output, $answers, length $answers);
        next if !defined $written && $!{EINTR};
        last if !$written;
        substr $answers, 0, $written, '';
    }
    ($answers, $urgent, $said, $patience) = ('', 0, 0);
}

# Moves the control pipes above 2, closes whatever else was inherited, and settles umask and signals.
sub isolate {
    ($input, $output) = (POSIX::dup(0), POSIX::dup(1));
    $null = POSIX::open('/dev/null', POSIX::O_RDONLY());
    POSIX::dup2($null, $_) for 0, 1;
    my %ours = map { $_ => 1 } $input, $output, $null;
    opendir my $folder, '/proc/self/fd';
    my @inherited = grep { !/\./ && $_ > 2 && !$ours{$_} } readdir $folder;
    closedir $folder;
    for my $number (@inherited) {
        my $target = readlink "/proc/self/fd/$number" // next;
        if ($target eq __FILE__) { $program = $number }
        else { POSIX::close($number) }
    }
    umask 022;
    be_batch_work();
    $SIG{CHLD} = sub { };
    # Blocked, not ignored: a fork takes all of that back in one call.
    $no_signals = POSIX::SigSet->new;
    my $blocked = POSIX::SigSet->new(POSIX::SIGTERM(), POSIX::SIGINT(), POSIX::SIGHUP(), POSIX::SIGPIPE(), POSIX::SIGXFSZ());
    POSIX::sigprocmask(POSIX::SIG_SETMASK(), $blocked);
    $looked = time;
}

# As fork-server.py: neither the resident nor a script interrupts another as soon as there is news for it.
# The core has no function for sched_setscheduler; where the number of the call is not known things stay as they are.
sub be_batch_work {
    my $number = { x86_64 => 144, aarch64 => 119 }->{ (POSIX::uname())[4] };
    my $parameters = pack 'i', 0;
    syscall $number, 0, 3, $parameters if $number && length pack('p', $parameters) == 8;
}

1;
