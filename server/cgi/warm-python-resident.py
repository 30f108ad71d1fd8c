# The resident of warm-python.py: loads modules, forks, and makes the fork what `python3 script` would have been.
# Promises: a launch is refused with ECANCELED, before anything has begun, once a loaded module has changed on disk.
import _signal
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
import sys
import time
import types
from importlib.machinery import SourceFileLoader

LOOK_EVERY_SECONDS = 1
STDIO = ('stdin', 'stdout', 'stderr')
# The others are of the server or of the script; the next request may well be for the same.
OF_A_REQUEST = (b'HTTP_', b'REMOTE_', b'CONTENT_', b'AUTH_', b'PATH_', b'QUERY_', b'REDIRECT_', b'SSL_', b'REQUEST_URI', b'UNIQUE_ID')


class Started(BaseException):
    """Raised in the fork, to leave the server's frames behind."""

    def __init__(self, argv, script_at, environment, ends):
        super().__init__()
        self.argv = argv
        self.script_at = script_at
        self.environment = environment
        self.ends = ends


def main(preloaded, path, neighbour, arguments):
    limits, modules = arguments[:4], arguments[4:]
    preloaded.load(modules)
    fork_server = neighbour('fork-server.py')
    server = fork_server.server_of(limits, server_kind(fork_server, preloaded))
    ending = neighbour('warm-python-end.py').Ending(preloaded)
    resident = Resident(server, preloaded, ending, path)
    server.share = resident.share_environment
    preloaded.hide(path)
    gc.collect()
    gc.freeze()
    # A thread begins with the function it is given, and that one is C: no frame of ours is below a script's.
    _thread.start_new_thread(collections.deque(maxlen=0).extend, (resident.run(),))
    forever = _thread.allocate_lock()
    forever.acquire()
    forever.acquire()


def lead_session(server_pid):
    # The server makes it lead a group, and such a process cannot begin a session.
    os.setpgid(0, server_pid)
    try:
        os.setsid()
    except PermissionError:
        os.setpgid(0, server_pid)  # It did so just now, and does it once.
        os.setsid()


def after_switches(argv):
    at = 1
    while argv[at].startswith(b'-'):
        at += 1
    return at


def server_kind(fork_server, preloaded):
    server_pid = os.getpid()

    class WarmServer(fork_server.ForkServer):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.start = self.fork_warm
            self.looked = 0.0
            self.share = None
            self.outdated = False

        def fork_warm(self, argv, environment, ends):
            now = time.monotonic()
            if now - self.looked > LOOK_EVERY_SECONDS:
                self.looked = now
                self.outdated = self.outdated or bool(preloaded.changed())
            if self.outdated:
                raise OSError(errno.ECANCELED, 'a loaded module has changed')
            if self.share is not None:
                self.share(environment)
                self.share = None
            script_at = after_switches(argv)
            preloaded.look_into(os.path.dirname(argv[script_at]))
            pid = os.fork()
            if pid == 0:
                lead_session(server_pid)
                raise Started(argv, script_at, environment, ends)
            try:
                os.setpgid(pid, pid)  # Whoever is told the number may signal the group; the fork may not run for a while.
            except OSError:
                pass  # It leads its session already.
            return pid

    return WarmServer


class Resident:
    """What a fork is to have and can have from here is made here, once: each page that a fork writes costs it a copy."""

    def __init__(self, server, preloaded, ending, path):
        self.preloaded = preloaded
        self.server = server
        self.ending = ending
        self.path = path
        self.started = None
        self.coerced = os.environb.get(b'LC_CTYPE')
        self.time_zone = os.environb.get(b'TZ')
        # Kept: a fork would have to close them.
        self.own_streams = (sys.stdin, sys.stdout, sys.stderr)
        self.stdio = [(stream.encoding, stream.errors) for stream in self.own_streams]
        self.is_unbuffered = sys.stdout.write_through  # PYTHONUNBUFFERED
        self.empty_stdin = self.stream(0)
        self.streams = self.streams_of_pipes()
        # Blocked, not ignored: a fork takes all of that back in one call.
        _signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP))
        for number in (_signal.SIGTERM, _signal.SIGHUP):
            _signal.signal(number, _signal.SIG_DFL)
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)

    def streams_of_pipes(self):
        """A stream asks its descriptor what it is when it is made; that of a script is another pipe."""
        kept = [os.dup(number) for number in range(3)]
        ends = os.pipe()
        try:
            for number in range(3):
                os.dup2(ends[min(number, 1)], number)
            return [self.stream(number) for number in range(3)]
        finally:
            for number, end in enumerate(kept):
                os.dup2(end, number)
            for end in (*kept, *ends):
                os.close(end)

    def stream(self, number, is_unbuffered=False):
        return standard_stream(number, f'<{STDIO[number]}>', self.stdio[number], is_unbuffered or self.is_unbuffered)

    def run(self):
        """Each thing that is yielded is dropped by C, which calls it so with no frame of ours below."""
        try:
            self.server.serve()
        except Started as started:
            self.started = started  # With the frames that it left, which would have to be freed.
        except SystemExit:
            pass
        if self.started is None:
            os._exit(0)
        yield self.script(self.started)
        self.ending.report()
        yield self.ending.calling('threading', '_shutdown')
        yield self.ending.calling('atexit', '_run_exitfuncs')
        self.ending.end()

    def script(self, started):
        argv, at = [os.fsdecode(word) for word in started.argv], started.script_at
        self.take_descriptors(started.ends, '-u' in argv[1:at])
        self.take_environment(started.environment)
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        for which, soft_and_hard in self.server.limits:
            resource.setrlimit(which, soft_and_hard)
        code, real_file = self.compiled(argv, at, started.environment)
        sys.argv[:] = argv[at:]
        if hasattr(sys, 'orig_argv'):
            sys.orig_argv = argv
        sys.path[:] = self.path
        if not getattr(sys.flags, 'safe_path', False):
            sys.path.insert(0, os.path.dirname(real_file))
            self.preloaded.settle(sys.path[:])
        return self.ending.when_dropped(functools.partial(exec, code, fresh_main(argv[at])))

    def compiled(self, argv, at, environment):
        """What does not compile is for the interpreter itself to complain of, in its own words."""
        try:
            with open(argv[at], 'rb', 0) as source:
                real_file = os.readlink(f'/proc/self/fd/{source.fileno()}')
                return compile(source.read(), argv[at], 'exec', dont_inherit=True), real_file
        except BaseException:
            for number in (_signal.SIGPIPE, getattr(_signal, 'SIGXFSZ', _signal.SIGPIPE)):
                _signal.signal(number, _signal.SIG_DFL)
            program = sys.executable if '/' not in argv[0] else argv[0]
            os.execve(program, argv, environment)

    def take_descriptors(self, ends, is_unbuffered):
        has_body = ends[0] != self.server.null
        _signal.set_wakeup_fd(-1)
        for number, end in enumerate(ends):
            os.dup2(end, number)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, ())
        os.closerange(3, 1024)
        if is_unbuffered:
            streams = [self.stream(number, is_unbuffered) for number in range(3)]
        else:
            streams = [self.streams[0] if has_body else self.empty_stdin, *self.streams[1:]]
        for name, stream in zip(STDIO, streams):
            setattr(sys, name, stream)
            setattr(sys, f'__{name}__', stream)

    def share_environment(self, environment):
        """What is the same for all requests is set in the resident, with the first of them; nothing that is a client's."""
        self.set_variables({name: value for name, value in environment.items() if not name.startswith(OF_A_REQUEST)})

    def take_environment(self, environment):
        if self.coerced is not None:  # PEP 538: a C locale became another at the start.
            environment.setdefault(b'LC_CTYPE', self.coerced)
        self.set_variables(environment)
        if environment.get(b'TZ') != self.time_zone:
            time.tzset()

    def set_variables(self, environment):
        # As os.environb would, without its work for each name: it shares its dictionary with os.environ.
        known = os.environb._data
        for name in known:
            if name not in environment:
                os.unsetenv(name)
        for name, value in environment.items():
            if known.get(name) != value:
                os.putenv(name, value)
        self.shared = known  # Kept: a fork would have to free all that is in it.
        os.environ._data = os.environb._data = environment
        posix.environ = environment.copy()


def standard_stream(number, name, encoding_and_errors, is_unbuffered):
    """create_stdio of CPython's pylifecycle.c."""
    encoding, errors = encoding_and_errors
    is_input = number == 0
    raw = open(number, 'rb' if is_input else 'wb', 0 if is_unbuffered and not is_input else -1, closefd=False)
    (getattr(raw, 'raw', raw)).name = name
    stream = io.TextIOWrapper(raw, encoding, errors, newline='\n',
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
