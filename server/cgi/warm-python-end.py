# How a script ends in a warm python3: what Py_RunMain and Py_FinalizeEx do as far as a script can see it.
# Promises: same texts on stderr and same exit status; threads, atexit, __del__ and open files are seen to.
# Not the interpreter's own teardown: it would copy every page of the fork (20 ms) and nobody could tell.
import _signal
import builtins
import gc
import os
import sys
import weakref

DELETED = ('path', 'argv', 'ps1', 'ps2', 'last_type', 'last_value', 'last_traceback', 'last_exc', 'path_hooks',
           'path_importer_cache', 'meta_path', '__interactivehook__')
# The dictionary of builtins becomes what it was before these were added.
LATE_BUILTINS = ('open', 'exit', 'quit', 'copyright', 'credits', 'license', 'help')

MISSING = object()


class Ending:
    """`preloaded` tells which modules are the resident's: those are not torn down."""

    def __init__(self, preloaded):
        self.preloaded = preloaded
        self.unraisable = capture_unraisable()
        self.error = None
        self.status = 0

    def when_dropped(self, script):
        """An object whose end is the script: what it raises goes to sys.unraisablehook, SystemExit too."""
        def hook(unraisable):
            if unraisable.object is script:
                self.error = unraisable.exc_value
            else:
                sys.__unraisablehook__(unraisable)

        sys.unraisablehook = hook
        dropped = dropping(script)
        self.script = type(dropped)
        return dropped

    def calling(self, module, function):
        """They tell of what is raised in a thread or a callback themselves."""
        function = getattr(sys.modules.get(module), function, None)
        return function and dropping(function)

    def report(self):
        if getattr(sys.unraisablehook, '__module__', None) == __name__:
            sys.unraisablehook = sys.__unraisablehook__
        del self.script.__del__  # It holds the variables of __main__, which have to go in their turn.
        error, self.error = self.error, None
        if isinstance(error, SystemExit):
            self.status = exit_status(error.code)
        elif error is not None:
            self.status = show(error)

    def end(self):
        self.flush(self.unraisable)
        self.tear_down()
        self.flush(lambda *_: None)
        for stream in (sys.__stdout__, sys.__stderr__):
            try:
                stream.flush()
            except Exception:
                pass  # It was detached, or closed.
        if self.status == 'SIGINT':
            _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
            os.kill(os.getpid(), _signal.SIGINT)
        os._exit(self.status)

    def flush(self, tell):
        for stream in (sys.stdout, sys.stderr):
            try:
                if stream is not None and not getattr(stream, 'closed', False):
                    stream.flush()
            except BaseException as error:
                if stream is sys.stdout:
                    tell(error, stream)
                self.status = 120

    def tear_down(self):
        """_PySignal_Fini and finalize_modules of CPython, the latter for the modules that are the script's own."""
        for number in range(1, _signal.NSIG):
            if callable(_signal.getsignal(number)) and number != _signal.SIGINT:
                _signal.signal(number, _signal.SIG_DFL)
        for name in DELETED:
            if hasattr(sys, name):
                setattr(sys, name, None)
        for name in ('stdin', 'stdout', 'stderr'):
            setattr(sys, name, getattr(sys, f'__{name}__', None))
        resident = self.resident = sys.modules.copy()
        native, kept = self.preloaded.native, self.preloaded.modules.get
        own = [name for name, module in resident.items()
               if name == '__main__' or name not in native and kept(name) is not module]
        modules = [resident.pop(name) for name in own]
        modules = [weakref.ref(module) for module in modules if isinstance(module, type(sys))]
        sys.modules.clear()
        for name in LATE_BUILTINS:
            vars(builtins).pop(name, None)
        gc.collect()
        for reference in reversed(modules):
            module = reference()
            if module is not None:
                clear(module.__dict__)
        gc.collect()


def dropping(function):
    return type('Dropped', (), {'__del__': staticmethod(function)})()


def show(error):
    """PyErr_PrintEx."""
    kind, trace = type(error), error.__traceback__
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    hook = getattr(sys, 'excepthook', MISSING)
    if hook is MISSING:
        write('sys.excepthook is missing\n')
        hook = sys.__excepthook__
    try:
        hook(kind, error, trace)
    except SystemExit as exit_error:
        return exit_status(exit_error.code)
    except BaseException as second:
        write('Error in sys.excepthook:\n')
        # Without the frame of this file.
        second.__traceback__ = second.__traceback__.tb_next
        sys.__excepthook__(type(second), second, second.__traceback__)
        write('\nOriginal exception was:\n')
        sys.__excepthook__(kind, error, trace)
    return 'SIGINT' if issubclass(kind, KeyboardInterrupt) else 1


def clear(namespace):
    for is_private in (True, False):
        for name in list(namespace):
            if isinstance(name, str) and name != '__builtins__' and is_private == (name[:1] == '_' and name[1:2] != '_'):
                namespace[name] = None


def exit_status(code):
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xff if -2 ** 63 <= code < 2 ** 63 else 0xff
    write(f'{code}\n')
    return 1


def write(text):
    try:
        sys.stderr.write(text)
    except Exception:
        pass  # There is none, or it is closed: the interpreter says nothing either.


def capture_unraisable():
    """The interpreter's own "Exception ignored in", which takes a type that has no name."""
    kinds = []

    class Dropped:
        def __del__(self):
            raise ValueError

    sys.unraisablehook = lambda arguments: kinds.append(type(arguments))
    Dropped()
    sys.unraisablehook = sys.__unraisablehook__

    def report(error, culprit):
        trace = error.__traceback__.tb_next if error.__traceback__ else None
        sys.__unraisablehook__(kinds[0]((type(error), error, trace, None, culprit)))

    return report
