# The resident of warm-python.py: loads modules, forks, and makes the fork what `python3 script` would have been.
# Promises: a launch is refused with ECANCELED, before anything has begun, once a loaded module has changed on disk.
import _thread
import builtins
import collections
import errno
import functools
import gc
import io
import os
import posix
import resource
import signal
import sys
import time
import types
from importlib.machinery import SourceFileLoader

LOOK_EVERY_SECONDS = 1


class Started(BaseException):
    """Raised in the fork, to leave the server's frames behind."""

    def __init__(self, argv, environment, ends):
        super().__init__()
        self.argv = argv
        self.environment = environment
        self.ends = ends


def main(preloaded, path, neighbour, arguments):
    limits, modules = arguments[:4], arguments[4:]
    preloaded.load(modules)
    fork_server = neighbour('fork-server.py')
    server = fork_server.server_of(limits, server_kind(fork_server, preloaded))
    ending = neighbour('warm-python-end.py').Ending(preloaded.is_resident)
    resident = Resident(server, preloaded, fork_server.TO_DEFAULT, ending, path)
    preloaded.hide()
    gc.collect()
    gc.freeze()
    # A thread begins with the function it is given, and that one is C: no frame of ours is below a script's.
    _thread.start_new_thread(collections.deque(maxlen=0).extend, (resident.run(),))
    forever = _thread.allocate_lock()
    forever.acquire()
    forever.acquire()


def lead_session(server_pid):
    try:
        os.setsid()
    except PermissionError:
        # The server made it lead a group, and such a process cannot begin a session.
        os.setpgid(0, server_pid)
        os.setsid()


def server_kind(fork_server, preloaded):
    server_pid = os.getpid()

    class WarmServer(fork_server.ForkServer):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.start = self.fork_warm
            self.looked = 0.0
            self.outdated = False

        def fork_warm(self, argv, environment, ends):
            now = time.monotonic()
            if now - self.looked > LOOK_EVERY_SECONDS:
                self.looked = now
                self.outdated = self.outdated or bool(preloaded.changed())
            if self.outdated:
                raise OSError(errno.ECANCELED, 'a loaded module has changed')
            pid = os.fork()
            if pid == 0:
                lead_session(server_pid)
                raise Started(argv, environment, ends)
            try:
                os.setpgid(pid, pid)  # Whoever is told the number may signal the group; the fork may not run for a while.
            except OSError:
                pass  # It leads its session already.
            return pid

    return WarmServer


class Resident:
    def __init__(self, server, preloaded, signals, ending, path):
        self.preloaded = preloaded
        self.server = server
        self.signals = signals
        self.ending = ending
        self.path = path
        self.coerced = os.environb.get(b'LC_CTYPE')
        self.stdio = [(stream.encoding, stream.errors) for stream in (sys.stdin, sys.stdout, sys.stderr)]

    def run(self):
        """Each thing that is yielded is dropped by C, which calls it so with no frame of ours below."""
        started = None
        try:
            self.server.serve()
        except Started as fork:
            started = fork
        except SystemExit:
            pass
        if started is None:
            os._exit(0)
        yield self.script(started.with_traceback(None))
        del started
        self.ending.report()
        yield self.ending.calling('threading', '_shutdown')
        yield self.ending.calling('atexit', '_run_exitfuncs')
        self.ending.end()

    def script(self, started):
        argv, ends = [os.fsdecode(word) for word in started.argv], started.ends
        switches = [word for word in argv[1:] if word.startswith('-')] if argv[1].startswith('-') else []
        self.take_descriptors(ends, '-u' in switches)
        self.take_environment(started.environment)
        for number in self.signals:
            if number not in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for which, soft_and_hard in self.server.limits:
            resource.setrlimit(which, soft_and_hard)
        at = 1 + len(switches)
        code = self.compiled(argv, at, started.environment)
        sys.argv[:] = argv[at:]
        if hasattr(sys, 'orig_argv'):
            sys.orig_argv = argv
        sys.path[:] = self.path
        if not getattr(sys.flags, 'safe_path', False):
            sys.path.insert(0, os.path.dirname(os.path.realpath(argv[at])))
            self.preloaded.settle(sys.path[:])
        return self.ending.when_dropped(functools.partial(exec, code, fresh_main(argv[at])))

    def compiled(self, argv, at, environment):
        """What does not compile is for the interpreter itself to complain of, in its own words."""
        try:
            with open(argv[at], 'rb') as source:
                return compile(source.read(), argv[at], 'exec', dont_inherit=True)
        except BaseException:
            for number in (signal.SIGPIPE, getattr(signal, 'SIGXFSZ', signal.SIGPIPE)):
                signal.signal(number, signal.SIG_DFL)
            program = sys.executable if '/' not in argv[0] else argv[0]
            os.execve(program, argv, environment)

    def take_descriptors(self, ends, is_unbuffered):
        signal.set_wakeup_fd(-1)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for number, end in enumerate(ends):
            os.dup2(end, number)
        os.closerange(3, 1024)
        names = ('stdin', 'stdout', 'stderr')
        for number, (name, (encoding, errors)) in enumerate(zip(names, self.stdio)):
            stream = standard_stream(number, f'<{name}>', (encoding, errors), is_unbuffered)
            setattr(sys, name, stream)
            setattr(sys, f'__{name}__', stream)

    def take_environment(self, environment):
        if self.coerced is not None:  # PEP 538: a C locale became another at the start.
            environment.setdefault(b'LC_CTYPE', self.coerced)
        # As os.environb would, without its work for each name: it shares its dictionary with os.environ.
        known = os.environb._data
        for name in known:
            os.unsetenv(name)
        known.clear()
        known.update(environment)
        for name, value in environment.items():
            os.putenv(name, value)
        posix.environ.clear()
        posix.environ.update(environment)
        time.tzset()


def standard_stream(number, name, encoding_and_errors, is_unbuffered):
    """create_stdio of CPython's pylifecycle.c."""
    encoding, errors = encoding_and_errors
    is_input = number == 0
    raw = open(number, 'rb' if is_input else 'wb', 0 if is_unbuffered and not is_input else -1, closefd=False)
    (getattr(raw, 'raw', raw)).name = name
    stream = io.TextIOWrapper(raw, encoding, errors, newline=None if is_input else '\n',
                              line_buffering=number == 2, write_through=is_unbuffered and not is_input)
    stream.mode = 'r' if is_input else 'w'
    return stream


def fresh_main(file):
    main = types.ModuleType('__main__')
    main.__loader__ = SourceFileLoader('__main__', file)
    main.__annotations__ = {}
    main.__builtins__ = builtins
    main.__file__ = file
    main.__cached__ = None
    sys.modules['__main__'] = main
    return main.__dict__
