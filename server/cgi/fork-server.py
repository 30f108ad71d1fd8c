# Fork server: starts scripts for Node, so that Node never forks (PRODUCT.md section 7; frames: fork-protocol.ts).
# Promises: each script leads its own session, with the descriptors 0 to 2, default signals and the environment
# it was given, nothing else. No script is ever waited for. Ends when its control pipe closes.
# What a script writes first is read here and sent along: most are done then. Of the others Node opens the pipe itself.
# Standard library of Python 3.7 and later; started with -I -S, so it imports little and starts in 15 ms.
import os
import resource
import select
import signal
import struct
import sys
import time

FRAME = struct.Struct('<IBBxxII')
ANSWER = struct.Struct('<BBBxiiiiI')
LAUNCH, RELEASE = range(2)
READY, STARTED, FAILED, OUTPUT, HAND_OVER, EXITED = range(6)
EINVAL, ENOMEM = 22, 12
# What a login shell gives; Node raises its own to the hard limit, and old programs close every descriptor below it.
OPEN_FILES = 1024
KILL_AFTER_SECONDS = 5
TURN_NANOSECONDS = 10_000_000
OOM_SCORE = 500
SCHED_SETATTR = {'x86_64': 314, 'aarch64': 274}
IGNORED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
TO_DEFAULT = IGNORED + (signal.SIGPIPE, signal.SIGXFSZ)
# All that a pipe of the usual size can hold.
READ_BYTES = 65536
# Most scripts end a moment after they have written: each frame that wakes Node for itself costs as much as a request.
# That a script has started is no news that anybody waits for; what it wrote is.
START_PATIENCE_SECONDS, OUTPUT_PATIENCE_SECONDS, PATIENCE_FRAMES = 0.025, 0.002, 12
# What is more than a page or a few flushes is a stream: Node reads it as fast as its client does.
STREAM_BYTES, STREAM_READS = 49152, 8


class Stream:
    __slots__ = ('identity', 'number', 'bytes_left', 'reads_left')

    def __init__(self, identity, number):
        self.identity = identity
        self.number = number
        self.bytes_left = STREAM_BYTES
        self.reads_left = STREAM_READS


class ForkServer:
    def __init__(self, limits):
        self.limits = limits
        self.input, self.output, self.null = isolate()
        self.scripts = {}
        self.streams = {}
        # Ends that Node has been told of: kept open until it has opened them.
        self.held = {}
        self.answers = []
        self.patience = None
        self.is_urgent = self.is_leaving = False
        self.start = self.fork if limits or not hasattr(os, 'posix_spawn') else self.spawn
        self.wakeup, wakeup_end = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(wakeup_end, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        # A full pipe means that a wake-up is under way already.
        signal.set_wakeup_fd(wakeup_end, warn_on_full_buffer=False)
        self.poll = select.epoll()

    def serve(self):
        self.say(READY, a=os.getpid(), b=self.wakeup)
        self.flush()
        self.poll.register(self.input, select.EPOLLIN)
        self.poll.register(self.wakeup, select.EPOLLIN)
        pending = b''
        while not self.is_leaving or self.held:
            has_frames = has_exits = False
            ready = self.poll.poll(self.patience)
            for descriptor, events in ready:
                if descriptor == self.input:
                    has_frames = True
                elif descriptor == self.wakeup:
                    has_exits = True
                else:
                    self.forward(descriptor, events)
            if has_exits:
                self.reap()
            if has_frames:
                data = os.read(self.input, 65536)
                if not data:
                    return self.abandon()
                pending = self.take(pending + data)
            if self.is_urgent or not ready or len(self.answers) >= PATIENCE_FRAMES:
                self.flush()
        sys.exit(0)

    def take(self, data):
        """Serves each whole frame; gives what is left."""
        at = 0
        while len(data) - at >= 4:
            end = at + 4 + int.from_bytes(data[at:at + 4], 'little')
            if end > len(data):
                break
            # At once, not with the next: if this process dies, at most one launch is in doubt.
            self.flush()
            if end == at + 4:
                self.leave()
            elif data[at + 4] == RELEASE:
                _, _, number, identity, _ = FRAME.unpack_from(data, at)
                self.release(identity, number)
            else:
                self.launch(data[at:end])
            at = end
        return data[at:]

    def leave(self):
        """Goodbye: Node is done with this process, and looks after the scripts itself."""
        self.is_leaving = True
        for descriptor, stream in list(self.streams.items()):
            self.hand_over(descriptor, stream)

    def launch(self, frame):
        _, _, has_body, identity, arguments = FRAME.unpack_from(frame)
        words = frame[FRAME.size:].split(b'\0')
        pipes = []
        try:
            os.chdir(words[0])
            for _ in range(3 if has_body else 2):
                pipes.append(os.pipe())
            argv = words[1:2 + arguments]
            environment = dict(zip(words[2 + arguments::2], words[3 + arguments::2]))
            ends = (pipes[2][0] if has_body else self.null, pipes[0][1], pipes[1][1])
            pid = self.start(argv, environment, ends)
        except (OSError, ValueError, MemoryError) as error:
            for pipe in pipes:
                os.close(pipe[0])
                os.close(pipe[1])
            self.say(FAILED, identity, a=errno_of(error))
        else:
            self.scripts[pid] = identity
            self.keep(identity, pipes)
            self.say(STARTED, identity, a=pid, b=pipes[2][1] if has_body else -1)
            self.is_urgent = self.is_urgent or bool(has_body)
        os.chdir('/')  # A mount that a script was in can be taken away.

    def keep(self, identity, pipes):
        for number in (1, 2):
            read_end, write_end = pipes[number - 1]
            os.close(write_end)
            self.streams[read_end] = Stream(identity, number)
            self.poll.register(read_end, select.EPOLLIN)
        if len(pipes) > 2:
            read_end, self.held[identity, 0] = pipes[2]
            os.close(read_end)

    def release(self, identity, number):
        descriptor = self.held.pop((identity, number), None)
        if descriptor is not None:
            os.close(descriptor)

    def forward(self, descriptor, events):
        """Sends what a script wrote, and that it will write no more."""
        stream = self.streams[descriptor]
        data = os.read(descriptor, READ_BYTES) if events & select.EPOLLIN else b''
        # Without a writer the pipe holds no more than what it held; less than asked for was all of it.
        if events & select.EPOLLHUP and len(data) < READ_BYTES:
            del self.streams[descriptor]
            self.poll.unregister(descriptor)  # A fork may hold a copy: closing it alone would not end the events.
            os.close(descriptor)
            return self.say(OUTPUT, stream.identity, stream.number, 1, data)
        self.say(OUTPUT, stream.identity, stream.number, 0, data)
        stream.bytes_left -= len(data)
        stream.reads_left -= 1
        if stream.bytes_left <= 0 or stream.reads_left == 0:
            self.hand_over(descriptor, stream)

    def hand_over(self, descriptor, stream):
        del self.streams[descriptor]
        self.poll.unregister(descriptor)
        self.held[stream.identity, stream.number] = descriptor
        self.say(HAND_OVER, stream.identity, stream.number, a=descriptor)

    def spawn(self, argv, environment, ends):
        # glibc does this with vfork: nothing of this process is copied, and a failed exec is raised here.
        actions = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(ends)]
        try:
            return os.posix_spawn(argv[0], argv, environment, file_actions=actions, setsid=True,
                                  setsigmask=(), setsigdef=TO_DEFAULT)
        except NotImplementedError:  # No setsid in the posix_spawn of a C library before 2018.
            self.start = self.fork
            return self.fork(argv, environment, ends)

    def fork(self, argv, environment, ends):
        # The slower way: limits cannot be set between vfork and exec from here.
        result, result_end = os.pipe()
        try:
            pid = os.fork()
            if pid == 0:
                self.become(argv, environment, ends, result_end)
        finally:
            os.close(result_end)
            error = os.read(result, 4)
            os.close(result)
        if error:
            os.waitpid(pid, 0)
            raise OSError(int.from_bytes(error, 'little'), 'exec')
        return pid

    def become(self, argv, environment, ends, result_end):
        try:
            os.setsid()
            for number, end in enumerate(ends):
                os.dup2(end, number)
            signal.set_wakeup_fd(-1)
            for number in TO_DEFAULT + (signal.SIGCHLD,):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            for which, soft_and_hard in self.limits:
                resource.setrlimit(which, soft_and_hard)
            os.execve(argv[0], argv, environment)
        except BaseException as error:
            os.write(result_end, errno_of(error).to_bytes(4, 'little'))
        finally:
            os._exit(127)

    def reap(self):
        try:
            os.read(self.wakeup, 4096)
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            if pid in self.scripts:
                self.say(EXITED, self.scripts.pop(pid), a=status >> 8, b=status & 127, c=is_group(pid))

    def abandon(self):
        """Node is gone without a goodbye: nobody reads what the scripts write, or would ever end them."""
        for number, seconds in ((signal.SIGTERM, KILL_AFTER_SECONDS), (signal.SIGKILL, 1)):
            for pid in self.scripts:
                try:
                    os.killpg(pid, number)
                except OSError:
                    pass  # It became another user.
            deadline = time.monotonic() + seconds
            while self.scripts and time.monotonic() < deadline:
                select.select([self.wakeup], (), (), deadline - time.monotonic())
                self.reap()
                self.answers.clear()

    def say(self, kind, identity=0, number=0, is_end=0, data=b'', a=0, b=0, c=0):
        self.answers.append(ANSWER.pack(kind, number, is_end, identity, a, b, c, len(data)))
        if kind == OUTPUT:
            self.patience = OUTPUT_PATIENCE_SECONDS
        elif kind == STARTED:
            self.patience = self.patience or START_PATIENCE_SECONDS
        else:
            self.is_urgent = True
        if data:
            self.answers.append(data)

    def flush(self):
        data = b''.join(self.answers)
        self.answers.clear()
        self.patience, self.is_urgent = None, False
        try:
            while data:
                data = data[os.write(self.output, data):]
        except BrokenPipeError:
            pass  # Node is gone; the control pipe says so next.


def isolate():
    """Moves the control pipes above 2, closes whatever else was inherited, and settles umask and signals."""
    control_in, control_out = os.dup(0), os.dup(1)
    null = os.open('/dev/null', os.O_RDONLY)
    for number in (0, 1):
        os.dup2(null, number)
    for name in os.listdir('/proc/self/fd'):
        if int(name) not in (0, 1, 2, control_in, control_out, null):
            try:
                os.close(int(name))
            except OSError:
                pass  # The descriptor of the listing itself.
    os.set_blocking(control_in, True)
    os.set_blocking(control_out, True)
    os.umask(0o022)
    be_batch_work()
    be_ended_first()
    for number in range(1, signal.NSIG):
        try:
            if signal.getsignal(number) == signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            pass
    for number in IGNORED + (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    return control_in, control_out, null


def be_batch_work():
    """Neither this process nor a script then interrupts another that runs as soon as there is news for it: on a busy
    machine a script's output, end of file and exit are one awakening here, not three. On an idle one nothing waits."""
    try:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    except (AttributeError, OSError):
        pass  # Another kernel than Linux, or a container that forbids it.


def be_ended_first():
    """Where memory is short the kernel ends a script, or this process, which is replaced, and not Node, which is the largest."""
    file = '/proc/self/oom_score_adj'
    try:
        with open(file, 'rb', 0) as score:
            is_lower = int(score.read(16)) < OOM_SCORE
        if is_lower:
            with open(file, 'wb', 0) as score:
                score.write(b'%d' % OOM_SCORE)
    except (OSError, ValueError):
        pass  # Another kernel than Linux, or a /proc that is read-only.


def take_long_turns():
    """A script then runs for ten milliseconds, not three, before another has its turn: most have ended by then, with their
    caches their own. Python has no function for it; before Linux 6.12 the kernel takes no notice."""
    number = SCHED_SETATTR.get(os.uname().machine)
    if number is None or sys.maxsize < 2 ** 32:
        return
    try:
        import ctypes
    except ImportError:
        return
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    attributes = struct.pack('=IIQiIQQQ', 48, os.SCHED_BATCH, 0, nice, 0, TURN_NANOSECONDS, 0, 0)
    ctypes.CDLL(None).syscall(ctypes.c_long(number), 0, attributes, 0)


def is_group(pid):
    """Whether a group outlives its leader: only then is its number still its own."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return 0
    except OSError:
        pass
    return 1


def errno_of(error):
    if isinstance(error, OSError) and error.errno:
        return error.errno
    return ENOMEM if isinstance(error, MemoryError) else EINVAL


def limit_of(which, value):
    _, hard = resource.getrlimit(which)
    unlimited = hard == resource.RLIM_INFINITY
    # A second between the two: the script ends by SIGXCPU, which names the reason, not by SIGKILL.
    highest = value + 1 if which == resource.RLIMIT_CPU else value
    return which, (value, highest) if unlimited else (min(value, hard), min(highest, hard))


def server_of(arguments, kind=ForkServer):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, hard))
    # Address space last: what it leaves may be too little for Python itself.
    limited = (resource.RLIMIT_CPU, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_AS)
    limits = [limit_of(which, int(value)) for which, value in zip(limited, arguments) if value != '-']
    return kind(limits)


if __name__ == '__main__':
    take_long_turns()
    server_of(sys.argv[1:]).serve()
