# A warm perl: its modules are loaded, and each script runs in a fork of it (PRODUCT.md section 7, decisions/004).
# Promises: the script is the main program: perl itself reads the file, so DATA, caller, -w, BEGIN and texts are its own.
# It speaks the frames of fork-protocol.ts as fork-server.py does; a command is the cold one: perl, switches, script.
# Started as `perl -M5.006;BEGIN{require FILE;Cgibox::Warm::serve()} FILE LIMIT LIMIT LIMIT LIMIT [MODULE…]`: while that BEGIN runs, perl
# has opened FILE as its program and read nothing of it; in a fork the descriptor becomes the script.
# Each page of memory that is written for a request, here or in the fork, is copied, which is most of what a fork costs. So what a
# request passes through are few subs with few variables of their own, its state stands in arrays by small numbers, and what a fork
# can find ready is made before it.
package Cgibox::Warm;
use strict;
use warnings;
use Filter::Util::Call ();

my ($LAUNCH, $RELEASE) = 0 .. 1;
my ($READY, $STARTED, $FAILED, $OUTPUT, $HAND_OVER, $EXITED) = 0 .. 5;
my $ANSWER = 'CCCxl4Va*';
my ($LOOK_EVERY, $KILL_AFTER, $READ_BYTES, $STREAM_BYTES, $STREAM_READS) = (1, 5, 65536, 49152, 8);
my ($START_PATIENCE, $OUTPUT_PATIENCE, $PATIENCE_FRAMES) = (0.025, 0.002, 12);
# The kernel is called by number: POSIX.pm and Errno.pm would bring 1300 names and 250 pages into every fork.
my %NUMBERS = (
    62 => {    # x86_64
        read => 0, write => 1, close => 3, dup => 32, rt_sigprocmask => 14, setsid => 112, sched_setscheduler => 144, exit_group => 231,
        openat => 257, signalfd4 => 289, dup3 => 292, pipe2 => 293, prlimit64 => 302,
    },
    183 => {    # aarch64
        read => 63, write => 64, close => 57, dup => 23, rt_sigprocmask => 135, setsid => 157, sched_setscheduler => 119, exit_group => 94,
        openat => 56, signalfd4 => 74, dup3 => 24, pipe2 => 59, prlimit64 => 261,
    },
);
my ($READ, $WRITE, $CLOSE, $DUP, $DUP3, $PIPE2, $OPENAT, $SETSID, $EXIT_GROUP, $SIGPROCMASK, $SIGNALFD, $SCHED_SETSCHEDULER, $PRLIMIT);
my ($SIGHUP, $SIGINT, $SIGPIPE, $SIGTERM, $SIGCHLD, $SIGXFSZ) = (1, 2, 13, 15, 17, 25);
my ($EPERM, $EINTR, $ECANCELED) = (1, 4, 125);
my ($AT_FDCWD, $O_RDWR, $O_CLOEXEC, $SFD_NONBLOCK, $WNOHANG, $SIG_SETMASK, $SCHED_BATCH) = (-100, 2, 02000000, 04000, 1, 2, 3);
my $LARGE_TEXT = 1_000_000;
# As fork-server.py has them: what a login shell gives, and the order of the limits that Node names.
my ($OPEN_FILES, $OOM_SCORE) = (1024, 500);
my ($RLIMIT_CPU, $RLIMIT_FSIZE, $RLIMIT_NPROC, $RLIMIT_NOFILE) = (0, 1, 6, 7);
my $NO_SIGNALS = signal_set();
my $OF_A_REQUEST = qr/^(?:HTTP_|REMOTE_|CONTENT_|AUTH_|PATH_|QUERY_|REDIRECT_|SSL_|REQUEST_URI|UNIQUE_ID)/;

my ($input, $output, $null, $program, $deaths, @limits, %stamps, %places, %loaded, $looked, $outdated, $leaving, $shared);
# By descriptor: the read ends of scripts, whose they are, 1 or 2 (0: not here any more), and what may still be read here.
my (@ids, @numbers, @bytes_left, @reads_left);
# By Node's number: the running scripts; and ends that Node has been told of, kept open until it has opened them.
my (@pids, %held);
my ($watched, $answers, $urgent, $said, $patience) = ('', '', 0, 0);
my $buffer = "\0" x $READ_BYTES;
# The launch in hand: its frame; and in the fork its words (folder, program, arguments, then names and values of variables).
my ($frame, @pipes, $pid, @words, $variables_at, $file, $abort);

# Gives the control back only in a fork, where perl goes on to read the script.
sub serve {
    my ($cpu, $processes, $file_size, undef, @modules) = splice @ARGV;
    # -T or -t of PERL5OPT would be of this file, too.
    exit 1 if ${^TAINT};
    learn_numbers() or exit 1;
    @limits = map { limit_of(@$_) } grep { $_->[1] ne '-' } [$RLIMIT_CPU, $cpu], [$RLIMIT_NPROC, $processes], [$RLIMIT_FSIZE, $file_size];
    {
        local ($SIG{__WARN__}, $SIG{__DIE__}) = (sub { }, 'DEFAULT');
        # One that is not there is for the script that wants it to complain of.
        for my $module (map { s{::}{/}gr . '.pm' } @modules) {
            eval { require $module };
        }
    }
    %loaded = %INC;
    %stamps = map { $_ => stamp($_) } grep { defined && !ref } values %INC;
    %places = map { $_ => stamp($_) } grep { !ref } @INC;
    delete @INC{ grep { /warm-perl\.pl$/ } keys %INC };
    isolate();
    guard_lib();
    name_in_abort();
    read_as_script();
    say($READY, 0, 0, 0, $$, $null);
    flush();
    listen_until_forked();
    become();
}

sub listen_until_forked {
    my $data = '';
    vec($watched, $_, 1) = 1 for $input, $deaths;
    while (!$leaving || %held) {
        my $count = select my $readable = $watched, undef, undef, $patience;
        if ($count > 0) {
            for my $end (0 .. $#numbers) {
                forward($end) if vec($readable, $end, 1) && $numbers[$end];
            }
            reap() if vec $readable, $deaths, 1;
            if (vec $readable, $input, 1) {
                my $read = syscall $READ, $input, $buffer, $READ_BYTES;
                return abandon() if $read < 0 ? $! != $EINTR : !$read;
                $data .= substr $buffer, 0, $read if $read > 0;
                while (length $data >= 4 && length $data >= (my $end = 4 + unpack 'V', $data)) {
                    # At once, not with the next: if this process dies, at most one launch is in doubt.
                    flush();
                    $frame = substr $data, 0, $end, '';
                    return if take();
                }
            }
        }
        flush() if $urgent || $count < 1;
    }
    leave_now(0);
}

# Serves the frame; true in a fork that is to run the script.
sub take {
    return leave() if length $frame == 4;
    my (undef, $kind, $detail, $id, $count, $folder) = unpack 'VCCxxVVZ*', $frame;
    return release("$id $detail") if $kind != $LAUNCH;
    @pipes = ();
    undef $pid;
    if ($outdated || time - $looked >= $LOOK_EVERY && has_changed()) { $! = $ECANCELED }
    elsif (chdir $folder) {
        for (0 .. ($detail ? 2 : 1)) {
            my $ends = "\0" x 8;
            push @pipes, unpack 'l2', $ends if syscall($PIPE2, $ends, 0) == 0;
        }
        share_environment($count) if !$shared;
        $pid = fork if @pipes == ($detail ? 6 : 4);
    }
    return fail($id) if !defined $pid;
    return begin($count) if $pid == 0;
    chdir '/';    # A mount that a script was in can be taken away.
    # Whoever is told the number may signal the group; the fork may not run for a while.
    setpgrp $pid, $pid;
    $pids[$id] = $pid;
    say($STARTED, 0, 0, $id, $pid, $detail ? $pipes[5] : -1);
    if ($detail) {
        $urgent = 1;
        shut($pipes[4]);
        $held{"$id 0"} = $pipes[5];
    }
    for my $number (1, 2) {
        my $end = $pipes[ 2 * $number - 2 ];
        syscall $CLOSE, $pipes[ 2 * $number - 1 ];
        ($ids[$end], $numbers[$end], $bytes_left[$end], $reads_left[$end]) = ($id, $number, $STREAM_BYTES, $STREAM_READS);
        vec($watched, $end, 1) = 1;
    }
    return;
}

sub fail {
    my ($id) = @_;
    say($FAILED, 0, 0, $id, $! + 0);
    shut(@pipes);
    chdir '/';
    return;
}

sub release {
    my ($name) = @_;
    my $end = delete $held{$name};
    shut($end) if defined $end;
    return;
}

# Goodbye: Node is done with this process, and looks after the scripts itself.
sub leave {
    $leaving = 1;
    hand_over($_) for grep { $numbers[$_] } 0 .. $#numbers;
    return;
}

# Sends what a script wrote, and that it will write no more.
sub forward {
    my ($end) = @_;
    my $read = syscall $READ, $end, $buffer, $READ_BYTES;
    return if $read < 0;
    say($OUTPUT, $numbers[$end], $read ? 0 : 1, $ids[$end], 0, 0, 0, substr $buffer, 0, $read);
    if (!$read) {
        $numbers[$end] = 0;
        vec($watched, $end, 1) = 0;
        syscall $CLOSE, $end;
    }
    elsif (($bytes_left[$end] -= $read) <= 0 || !--$reads_left[$end]) { hand_over($end) }
}

sub hand_over {
    my ($end) = @_;
    $held{"$ids[$end] $numbers[$end]"} = $end;
    say($HAND_OVER, $numbers[$end], 0, $ids[$end], $end);
    $numbers[$end] = 0;
    vec($watched, $end, 1) = 0;
}

sub reap {
    syscall $READ, $deaths, $buffer, $READ_BYTES;
    while ((my $dead = waitpid -1, $WNOHANG) > 0) {
        my $status = $?;
        for my $id (0 .. $#pids) {
            next if !$pids[$id] || $pids[$id] != $dead;
            $pids[$id] = 0;
            my $has_group = kill(0, -$dead) || $! == $EPERM;
            say($EXITED, 0, 0, $id, $status >> 8, $status & 127, $has_group ? 1 : 0);
        }
    }
}

sub say {
    my ($kind, $number, $is_end, $id, $first, $second, $third, $bytes) = @_;
    $bytes //= '';
    $patience = $kind == $OUTPUT ? $OUTPUT_PATIENCE : $patience // $START_PATIENCE;
    $urgent ||= ++$said >= $PATIENCE_FRAMES || $kind != $STARTED && $kind != $OUTPUT;
    $answers .= pack $ANSWER, $kind, $number, $is_end, $id, $first // 0, $second // 0, $third // 0, length $bytes, $bytes;
}

sub flush {
    while (length $answers) {
        my $written = syscall $WRITE, $output, $answers, length $answers;
        next if $written < 0 && $! == $EINTR;
        last if $written <= 0;
        substr $answers, 0, $written, '';
    }
    ($answers, $urgent, $said, $patience) = ('', 0, 0);
}

# In the fork: it leads a session, which a process that the server made lead a group cannot begin.
sub begin {
    my ($count) = @_;
    my $server = getppid;
    syscall($SETSID) > 0 or setpgrp(0, $server), syscall $SETSID;
    @words = split /\0/, substr($frame, 16), -1;
    $variables_at = 2 + $count;
    return 1;
}

# What perl itself does between its start and the first line of a script, as far as the resident differs from that.
sub become {
    syscall $DUP3, @pipes > 4 ? $pipes[4] : $null, 0, 0;
    syscall $DUP3, $pipes[1], 1, 0;
    syscall $DUP3, $pipes[3], 2, 0;
    for my $end ($input, $output, $null, $deaths, $program, @pipes, grep({ $numbers[$_] } 0 .. $#numbers), values %held) {
        syscall $CLOSE, $end;
    }
    syscall $SIGPROCMASK, $SIG_SETMASK, $NO_SIGNALS, 0, 8;
    syscall $PRLIMIT, 0, $_->[0], $_->[1], 0 for @limits;
    take_environment();
    @ARGV = @words[ 2 .. $variables_at - 1 ];
    shift @ARGV while $ARGV[0] =~ /^-/;
    $0 = $file = shift @ARGV;
    $^T = time;
    # It was readable when it was asked for; where it no longer is, perl says so.
    my $path = $file;
    execute() if syscall($OPENAT, $AT_FDCWD, $path, $O_CLOEXEC, 0) != $program;
}

# What is the same for all requests is set in the resident, with the first of them; nothing that is a client's.
sub share_environment {
    my ($count) = @_;
    my (undef, undef, @rest) = split /\0/, substr($frame, 16), -1;
    my %variables = splice @rest, $count;
    delete @variables{ grep { /$OF_A_REQUEST/ } keys %variables };
    %ENV = %variables;
    $shared = keys %variables;
}

sub take_environment {
    my $known = 0;
    for (my $at = $variables_at; $at < @words; $at += 2) {
        if (exists $ENV{ $words[$at] }) {
            $known++;
            next if $ENV{ $words[$at] } eq $words[ $at + 1 ];
        }
        $ENV{ $words[$at] } = $words[ $at + 1 ];
    }
    %ENV = @words[ $variables_at .. $#words ] if $known < $shared;
}

# A script that brings its own copy of a module that is loaded gets what it asks for: a perl that has loaded nothing.
sub guard_lib {
    my $import = lib->can('import') or return;
    no warnings 'redefine';
    *lib::import = sub {
        my (undef, @folders) = @_;
        for my $folder (grep { !ref && -d } @folders) {
            execute() if grep { -e "$folder/$_" && "$folder/$_" ne $loaded{$_} } keys %loaded;
        }
        goto &$import;
    };
}

# "Execution of FILE aborted due to compilation errors": the one text for which perl has kept the name of its program.
sub name_in_abort {
    my $own = quotemeta __FILE__;
    $abort = $SIG{__DIE__} = sub { die $_[0] =~ s/^(Execution of )$own /$1$file /mr if !ref $_[0]; };
}

INIT {
    delete $SIG{__DIE__} if $abort && ref $SIG{__DIE__} && $SIG{__DIE__} == $abort;
    undef $abort;
}

# The first thing that perl reads names the script.
sub read_as_script {
    Filter::Util::Call::filter_add(sub {
        Filter::Util::Call::filter_del();
        ($_, $@, $!, $?) = (qq{#line 1 "$file"\n}, '', 0, 0);
        return 1;
    });
}

sub execute {
    take_environment();
    my @argv = @words[ 1 .. $variables_at - 1 ];
    exec { $^X } @argv or leave_now(127);
}

sub has_changed {
    $looked = time;
    return $outdated = grep({ stamp($_) ne $stamps{$_} } keys %stamps) || grep { holds_others($_) } keys %places;
}

# A module that has come in front of one that is loaded, on PERL5LIB say, is what perl would find.
sub holds_others {
    my ($folder) = @_;
    my $now = stamp($folder);
    return 0 if $now eq $places{$folder};
    $places{$folder} = $now;
    return grep { found($_) ne $loaded{$_} } keys %loaded;
}

sub found {
    my ($name) = @_;
    for my $file (map { "$_/$name" } grep { !ref } @INC) {
        return $file if -e $file;
    }
    return $loaded{$name};
}

sub stamp {
    return join ' ', (stat $_[0])[ 1, 7, 9 ];
}

# Node is gone without a goodbye: nobody reads what the scripts write, or would ever end them.
sub abandon {
    for (['TERM', $KILL_AFTER], ['KILL', 1]) {
        my ($signal, $seconds) = @$_;
        kill $signal, map { -$_ } grep { $_ } @pids;
        for (my $left = $seconds * 20; $left > 0 && grep({ $_ } @pids); $left--) {
            select undef, undef, undef, 0.05;
            reap();
        }
    }
    leave_now(0);
}

# Moves the control pipes above 2, closes whatever else was inherited, and settles umask and signals.
sub isolate {
    ($input, $output) = map { syscall $DUP, $_ } 0, 1;
    my $name = '/dev/null';
    $null = syscall $OPENAT, $AT_FDCWD, $name, 0, 0;
    syscall $DUP3, $null, $_, 0 for 0, 1;
    my %ours = map { $_ => 1 } $input, $output, $null;
    opendir my $folder, '/proc/self/fd';
    my @inherited = grep { !/\./ && $_ > 2 && !$ours{$_} } readdir $folder;
    closedir $folder;
    for my $number (@inherited) {
        my $target = readlink "/proc/self/fd/$number" // next;
        if ($target eq __FILE__) { $program = $number + 0 }
        else { shut($number) }
    }
    umask 022;
    my (undef, $open_files) = @{ limit_of($RLIMIT_NOFILE, $OPEN_FILES) };
    syscall $PRLIMIT, 0, $RLIMIT_NOFILE, $open_files, 0;
    be_batch_work();
    be_ended_first();
    keep_mapped();
    # Blocked, neither ignored nor handled: a fork takes all of that back in one call. The end of a script is read.
    my $blocked = signal_set($SIGHUP, $SIGINT, $SIGPIPE, $SIGTERM, $SIGCHLD, $SIGXFSZ);
    syscall $SIGPROCMASK, $SIG_SETMASK, $blocked, 0, length $blocked;
    my $death = signal_set($SIGCHLD);
    $deaths = syscall $SIGNALFD, -1, $death, length $death, $SFD_NONBLOCK;
    $looked = time;
}

# Gives the resource and what prlimit64 takes for it. A second between soft and hard for the processor: the script ends by SIGXCPU,
# which names the reason, not by SIGKILL. Of open files only the soft one is lowered.
sub limit_of {
    my ($which, $soft) = @_;
    my $now = "\0" x 16;
    syscall $PRLIMIT, 0, $which, 0, $now;
    my (undef, $most) = unpack 'Q2', $now;
    my $hard = $which == $RLIMIT_NOFILE ? $most : $which == $RLIMIT_CPU ? $soft + 1 : $soft;
    return [$which, pack 'Q2', map { $_ < $most ? $_ : $most } $soft, $hard];
}

# As fork-server.py: neither the resident nor a script interrupts another as soon as there is news for it.
sub be_batch_work {
    my $parameters = pack 'i', 0;
    syscall $SCHED_SETSCHEDULER, 0, $SCHED_BATCH, $parameters;
}

# As fork-server.py: where memory is short the kernel ends a script, and not Node.
sub be_ended_first {
    my $name = '/proc/self/oom_score_adj';
    my $score = syscall $OPENAT, $AT_FDCWD, $name, $O_RDWR, 0;
    return if $score < 0;
    my $length = syscall $READ, $score, $buffer, $READ_BYTES;
    my $now = $length > 0 ? substr $buffer, 0, $length : $OOM_SCORE;
    my $raised = "$OOM_SCORE";
    syscall $WRITE, $score, $raised, length $raised if $now < $OOM_SCORE;
    shut($score);
}

# Linux gives a fork no page table for what only mirrors a file, so perl's own text is twenty faults there and that of the C library
# a dozen; where a page of a mapping has been written it gives one. So a byte of each of the two is written, with what it is.
sub keep_mapped {
    no warnings 'portable';
    open my $maps, '<', '/proc/self/maps' or return;
    open my $memory, '+<', '/proc/self/mem' or return;
    for my $line (<$maps>) {
        my ($start, $end) = map { hex } $line =~ m{^([0-9a-f]+)-([0-9a-f]+) r-xp .* /} or next;
        next if $end - $start < $LARGE_TEXT;
        sysseek($memory, $start, 0) && sysread($memory, my $byte, 1) or next;
        sysseek($memory, $start, 0) && syswrite $memory, $byte;
    }
}

# Of the program that runs, by its head (elf(5)): 64 bits, little-endian, and a machine that is known here.
sub learn_numbers {
    open my $self, '<:raw', '/proc/self/exe' or return;
    read $self, my $head, 20;
    my ($class, $order, $machine) = unpack 'x4CCx12v', $head;
    my $numbers = $NUMBERS{$machine};
    return if $class != 2 || $order != 1 || !$numbers;
    ($READ, $WRITE, $CLOSE, $DUP, $DUP3, $PIPE2, $OPENAT, $SETSID, $EXIT_GROUP, $SIGPROCMASK, $SIGNALFD, $SCHED_SETSCHEDULER, $PRLIMIT) =
        @$numbers{qw(read write close dup dup3 pipe2 openat setsid exit_group rt_sigprocmask signalfd4 sched_setscheduler prlimit64)};
    return 1;
}

sub shut {
    syscall $CLOSE, $_ + 0 for @_;
}

sub signal_set {
    my $set = "\0" x 8;
    vec($set, $_ - 1, 1) = 1 for @_;
    return $set;
}

sub leave_now {
    my ($status) = @_;
    syscall $EXIT_GROUP, $status;
}

1;
