# Becomes a program that can change no file, reach no network and disturb no other process: what `perl -c` executes of a
# site must do no harm. Needs no right at all: seccomp(2) and landlock(7) close the process for itself and its children, as
# root, as anybody, and in a container without capabilities. Not in reach: reading, time and memory (ulimit, syntax.ts).
# perl sandbox.pl refuse|end [NAME=VALUE…] -- PROGRAM [ARGUMENT…]; ends with 125 where the system has no such means.
#   refuse  a forbidden call fails, as on a disk mounted read-only
#   end     one that would write or connect ends the process with SIGSYS: so doctor learns that it was the sandbox
use strict;

my $mode = shift @ARGV;
my %variables;
while (@ARGV && (my $word = shift @ARGV) ne '--') {
  $word =~ /^(\w+)=(.*)/s and $variables{$1} = $2;
}

# Numbers of the calls: asm/unistd_64.h, asm-generic/unistd.h. From 424 on they are the same everywhere.
my %machines = (
  x86_64 => {
    arch => 0xc000003e, prctl => 157, openWith1 => [2], openWith2 => [257], ioctl => 16, prlimit => 302,
    # creat truncate rename… mkdir… rmdir link… unlink… symlink… mknod… chmod… chown… utime… setxattr… removexattr…
    files => [85, 76, 82, 264, 316, 83, 258, 84, 86, 265, 87, 263, 88, 266, 133, 259, 90, 91, 268, 92 .. 94, 260, 132, 235,
      261, 280, 188 .. 190, 197 .. 199],
    network => [41],    # socket
    # kill tkill tgkill rt_sigqueueinfo… setsid setpgid ptrace process_vm_… kcmp; what outlives the process: shmget msgget
    # semget mq_… keys; what only root may: mount…, namespaces, host name, clock, kernel modules, bpf …
    others => [62, 200, 234, 129, 297, 112, 109, 101, 310 .. 312, 29, 68, 64, 240, 241, 248 .. 250, 165, 166, 155, 161, 272,
      308, 167 .. 171, 164, 227, 159, 305, 175, 313, 176, 246, 320, 321, 298, 163, 179, 103, 323],
    absent => [304],    # open_by_handle_at
  },
  aarch64 => {
    arch => 0xc00000b7, prctl => 167, openWith1 => [], openWith2 => [56], ioctl => 29, prlimit => 261,
    files => [45, 38, 276, 34, 37, 35, 36, 33, 52, 53, 55, 54, 88, 5 .. 7, 14 .. 16],
    network => [198],
    others => [129 .. 131, 138, 240, 157, 154, 117, 270 .. 272, 194, 186, 190, 180, 181, 217 .. 219, 40, 39, 41, 51, 97, 268,
      224, 225, 142, 161, 162, 170, 112, 171, 266, 105, 273, 106, 104, 294, 280, 241, 89, 60, 116, 282],
    absent => [265],
  },
);
# fchmodat2 setxattrat removexattrat file_setattr
my @new_files = (452, 463, 466, 469);
# pidfd_send_signal move_mount … fsmount pidfd_open pidfd_getfd process_madvise mount_setattr quotactl_fd
my @new_others = (424, 428 .. 433, 434, 438, 440, 442, 443);
# io_uring_… openat2: they would go round the filter. Callers fall back to the old calls.
my @new_absent = (425 .. 427, 437);
my $FIRST_UNKNOWN = 470;

require Config;
my ($machine) = $Config::Config{archname} =~ /^(x86_64|aarch64)-linux(?!.*x32)/ or closed_to('this processor');
my %calls = %{ $machines{$machine} };
my ($EPERM, $EACCES, $EROFS, $ENOSYS) = (1, 13, 30, 38);

# Before landlock and seccomp, and never taken back: no program gains rights by being executed (PR_SET_NO_NEW_PRIVS).
syscall($calls{prctl}, 38, 1, 0, 0, 0) == 0 or closed_to('no new privileges');
my $is_landlocked = $mode eq 'refuse' && landlock();
my $filter = filter($is_landlocked);
my $program = pack('S x![P] P', length($filter) / 8, $filter);
# PR_SET_SECCOMP, SECCOMP_MODE_FILTER
syscall($calls{prctl}, 22, 2, $program, 0, 0) == 0 or closed_to('seccomp');
# What the server itself inherited: close_range(2).
syscall(436, 3, 0xffffffff, 0);

@ENV{ keys %variables } = values %variables;
exec { $ARGV[0] } @ARGV or exit 126;

sub closed_to {
  print STDERR "sandbox: $_[0]: $!\n";
  exit 125;
}

# Nothing may be opened for writing but /dev/null; true where the kernel can promise it (ABI 3, Linux 6.2: O_TRUNC too).
sub landlock {
  my ($none, $path_beneath) = (0, 1);
  return 0 if syscall(444, 0, 0, 1) < 3;
  my ($write_file, $truncate) = (1 << 1, 1 << 14);
  # … and the removal and the making of files and folders of any kind, bits 4 to 13
  my $all = pack('Q', $write_file | $truncate | 0x3ff0);
  my $rules = syscall(444, $all, length $all, $none);
  return 0 if $rules < 0 || !open(my $null, '<', '/dev/null');
  my $rule = pack('Q l', $write_file | $truncate, fileno $null);
  return syscall(445, $rules, $path_beneath, $rule, $none) == 0 && syscall(446, $rules, $none) == 0;
}

# The program that the kernel asks at each call (Documentation/userspace-api/seccomp_filter.rst).
sub filter {
  my ($is_landlocked) = @_;
  my ($load, $equal, $from, $any_bit) = (0x20, 0x15, 0x35, 0x45);
  my $allow = answer(0x7fff0000);
  my $refuse = sub { answer(0x00050000 | $_[0]) };
  my $forbid = sub { $mode eq 'end' ? answer(0x80000000) : $refuse->($_[0]) };
  my $deny = sub { my $answer = shift; map { step($equal, $_, 0, 1) . $answer } @_ };
  my $argument = sub { step($load, 16 + 8 * $_[0]) };
  # O_WRONLY O_RDWR O_CREAT O_TRUNC; O_TMPFILE comes with the first two
  my $open = sub {
    my ($index, $number) = @_;
    step($equal, $number, 0, 4) . $argument->($index) . step($any_bit, 0x243, 0, 1) . $forbid->($EROFS) . $allow;
  };
  # FS_IOC_SETFLAGS FS_IOC_FSSETXATTR TIOCSTI TIOCLINUX: no file needs to be open for writing
  my @ioctls = (0x40086602, 0x401c5820, 0x5412, 0x541c);
  return join '',
    step($load, 4), step($equal, $calls{arch}, 1, 0), $refuse->($ENOSYS),
    step($load, 0), step($from, $FIRST_UNKNOWN, 0, 1), $refuse->($ENOSYS),
    $deny->($forbid->($EROFS), @{ $calls{files} }, @new_files),
    $deny->($forbid->($EACCES), @{ $calls{network} }),
    $deny->($refuse->($EPERM), @{ $calls{others} }, @new_others),
    $deny->($refuse->($ENOSYS), @{ $calls{absent} }, @new_absent),
    ($is_landlocked ? () : ((map { $open->(1, $_) } @{ $calls{openWith1} }), map { $open->(2, $_) } @{ $calls{openWith2} })),
    # Limits of another process
    step($equal, $calls{prlimit}, 0, 4), $argument->(0), step($equal, 0, 1, 0), $refuse->($EPERM), $allow,
    step($equal, $calls{ioctl}, 0, 2 + 2 * @ioctls), $argument->(1), $deny->($refuse->($EPERM), @ioctls), $allow,
    $allow;
}

sub answer { return step(0x06, $_[0]) }

# struct sock_filter
sub step {
  my ($code, $value, $if, $else) = @_;
  return pack('S C C L', $code, $if || 0, $else || 0, $value);
}
