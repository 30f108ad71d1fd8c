# Fork server: starts scripts for Node, so that Node never forks (PRODUCT.md section 7; frames: fork-protocol.ts).
# Promises: each script leads its own session, with the descriptors 0 to 2, default signals and the environment
# it was given, nothing else. No script is ever waited for. Ends when its control pipe closes.
# Standard library of Python 3.7 and later; started with -I -S, so it imports little and starts in 15 ms.
import os
import resource
import select
import signal
import struct
import sys
import time

FRAME = struct.Struct('<IIBBBxI')
ANSWER = struct.Struct('<6i')
READY, PIPE, STARTED, FAILED, EXITED, NO_PIPE = range(6)
NONE = 255
EINVAL, ENOMEM = 22, 12
# What a login shell gives; Node raises its own to the hard limit, and old programs close every descriptor below it.
OPEN_FILES = 1024
KILL_AFTER_SECONDS = 5
IGNORED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
TO_DEFAULT = IGNORED + (signal.SIGPIPE, signal.SIGXFSZ)


class ForkServer:
    def __init__(self, pipe_count, limits):
        self.limits = limits
        self.input, self.output, self.null = isolate()
        self.pipes = [None] * pipe_count
        self.scripts = {}
        self.start = self.fork if limits or not hasattr(os, 'posix_spawn') else self.spawn
        self.wakeup, wakeup_end = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(wakeup_end, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        # A full pipe means that a wake-up is under way already.
        signal.set_wakeup_fd(wakeup_end, warn_on_full_buffer=False)

    def serve(self):
        answers = []
        missing = self.refill(range(len(self.pipes)), answers)
        self.answer(answers + [ANSWER.pack(READY, 0, os.getpid(), self.wakeup, 0, 0)])
        poll = select.poll()
        poll.register(self.input, select.POLLIN)
        poll.register(self.wakeup, select.POLLIN)
        pending = b''
        while True:
            events = dict(poll.poll(100 if missing else None))
            if self.wakeup in events:
                self.reap()
            if self.input in events:
                data = os.read(self.input, 65536)
                if not data:
                    return self.abandon()
                pending, spent = self.take(pending + data)
                missing += spent
            if missing:
                answers = []
                missing = self.refill(missing, answers)
                self.answer(answers)

    def take(self, data):
        """Serves each whole frame; gives what is left, and the pipes that could not be made anew."""
        at, missing = 0, []
        while len(data) - at >= 4:
            end = at + 4 + int.from_bytes(data[at:at + 4], 'little')
            if end > len(data):
                break
            if end == at + 4:
                sys.exit(0)  # Goodbye: Node is done with this process, and looks after the scripts itself.
            missing += self.launch(data[at:end])
            at = end
        return data[at:], missing

    def launch(self, frame):
        _, identity, stdin, stdout, stderr, arguments = FRAME.unpack_from(frame)
        words = frame[FRAME.size:].split(b'\0')
        used = [slot for slot in (stdin, stdout, stderr) if slot != NONE]
        try:
            os.chdir(words[0])
            argv = words[1:2 + arguments]
            environment = dict(zip(words[2 + arguments::2], words[3 + arguments::2]))
            ends = (self.null if stdin == NONE else self.pipes[stdin][0], self.pipes[stdout][1], self.pipes[stderr][1])
            pid = self.start(argv, environment, ends)
        except (OSError, ValueError, MemoryError) as error:
            answers = [ANSWER.pack(FAILED, identity, errno_of(error), 0, 0, 0)]
        else:
            self.scripts[pid] = identity
            answers = [ANSWER.pack(STARTED, identity, pid, 0, 0, 0)]
        os.chdir('/')  # A mount that a script was in can be taken away.
        for slot in used:
            read_end, write_end = self.pipes[slot]
            self.pipes[slot] = None
            os.close(read_end)
            os.close(write_end)
        missing = self.refill(used, answers)
        # At once, not with the next: if this process dies, at most one launch is in doubt.
        self.answer(answers)
        return missing

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

    def refill(self, slots, answers):
        """Makes the pipes of these slots anew; gives the slots for which the system had none."""
        missing = []
        for slot in slots:
            try:
                self.pipes[slot] = os.pipe()
                answers.append(ANSWER.pack(PIPE, slot, *self.pipes[slot], 0, 0))
            except OSError as error:
                answers.append(ANSWER.pack(NO_PIPE, slot, error.errno, 0, 0, 0))
                missing.append(slot)
        return missing

    def reap(self):
        try:
            os.read(self.wakeup, 4096)
        except BlockingIOError:
            pass
        answers = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            if pid in self.scripts:
                identity, signal_number = self.scripts.pop(pid), status & 127
                answers.append(ANSWER.pack(EXITED, identity, status >> 8, signal_number, is_group(pid), 0))
        self.answer(answers)

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

    def answer(self, answers):
        data = b''.join(answers)
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
    kinds = (resource.RLIMIT_CPU, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_AS)
    limits = [limit_of(kind, int(value)) for kind, value in zip(kinds, arguments[1:]) if value != '-']
    return kind(int(arguments[0]), limits)


if __name__ == '__main__':
    server_of(sys.argv[1:]).serve()
