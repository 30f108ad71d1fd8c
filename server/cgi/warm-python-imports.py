# Modules that a warm python3 has loaded, kept out of sight: a script still has to import what it uses.
# Promises: an import finds its file on sys.path as ever, so a module of the script's own folder comes first;
# only where that is the very file loaded before is its body not run again, but what the body imported is.
# Imports nothing but what every python3 has loaded, so that it can watch all other imports.
import builtins
import os
import sys

BuiltinImporter, FrozenImporter = (getattr(sys.modules['_frozen_importlib'], name)
                                   for name in ('BuiltinImporter', 'FrozenImporter'))
SourceFileLoader, ExtensionFileLoader = (getattr(sys.modules['_frozen_importlib_external'], name)
                                         for name in ('SourceFileLoader', 'ExtensionFileLoader'))

ALWAYS = ('always', None, Warning, None, 0)


class Kept:
    def __init__(self, module, imports):
        self.module = module
        self.origin = module.__spec__.origin
        self.imports = imports


class Preloaded:
    """`native` names what an interpreter has loaded when it has just started."""

    def __init__(self, native):
        self.native = native
        self.kept = {}
        self.modules = {}
        self.imports = {}
        self.stamps = {}

    def load(self, names):
        for name in names:
            self.load_one(name, sys.modules['warnings'])

    def watch(self):
        """From now on each import in the body of a module is noted, until `hide`."""
        real = self.real_import = builtins.__import__

        def watched(name, globals=None, locals=None, fromlist=(), level=0):
            importer = sys.modules.get((globals or {}).get('__name__'))
            spec = getattr(importer, '__spec__', None)
            if getattr(spec, '_initializing', False):
                place = {key: globals[key] for key in ('__name__', '__package__', '__path__') if key in globals}
                calls = self.imports.setdefault(spec.name, [])
                calls.append((name, place, None, tuple(fromlist or ()), level))
            return real(name, globals, locals, fromlist, level)

        builtins.__import__ = watched

    def load_one(self, name, warnings):
        """What warns when it is imported has to warn each script, so its body is run for each; its imports are kept."""
        before = set(sys.modules)
        warned = []
        show = warnings._showwarnmsg
        warnings._showwarnmsg = warned.append
        # In place, and taken away again: _warnings.c has the list for its own.
        warnings.filters.insert(0, ALWAYS)
        warnings._filters_mutated()
        try:
            __import__(name)
        except BaseException as error:
            warned.append(error)  # Not there, or it does not load here: a script that wants it says so itself.
        warnings.filters.remove(ALWAYS)
        warnings._filters_mutated()
        warnings._showwarnmsg = show
        if warned:
            for fresh in set(sys.modules) - before:
                detach(fresh, sys.modules.pop(fresh))

    def hide(self):
        builtins.__import__ = self.real_import
        hidden = {name: module for name, module in sys.modules.items() if name not in self.native}
        for name, module in hidden.items():
            detach(name, module)
        for name, module in hidden.items():
            del sys.modules[name]
            if getattr(module, '__spec__', None) is not None:
                self.kept[name] = Kept(module, self.imports.get(name, ()))
                self.modules[name] = module
                self.stamp(getattr(module, '__file__', None))
        for loader in (SourceFileLoader, ExtensionFileLoader, BuiltinImporter, FrozenImporter):
            self.take_over(loader)

    def take_over(self, loader):
        create, execute = loader.create_module, loader.exec_module

        def create_module(*arguments):
            spec = arguments[-1]
            kept = self.kept.get(spec.name)
            return kept.module if kept and kept.origin == spec.origin else create(*arguments)

        def exec_module(*arguments):
            module = arguments[-1]
            kept = self.kept.get(module.__spec__.name)
            if kept is None or kept.module is not module:
                return execute(*arguments)
            del self.kept[module.__spec__.name]  # importlib.reload runs the body.
            for call in kept.imports:
                try:
                    __import__(*call)
                except ImportError:
                    pass  # The body had caught it, or another program's absence would have shown at the first import.

        is_instance = loader in (SourceFileLoader, ExtensionFileLoader)
        loader.create_module = create_module if is_instance else staticmethod(create_module)
        loader.exec_module = exec_module if is_instance else staticmethod(exec_module)

    def is_resident(self, name, module):
        return name in self.native or self.modules.get(name) is module

    def stamp(self, file):
        if file:
            self.stamps[file] = stamp_of(file)

    def changed(self):
        """The first loaded file that is not what it was."""
        return next((file for file, stamp in self.stamps.items() if stamp_of(file) != stamp), None)


def detach(name, module):
    parent, _, child = name.rpartition('.')
    namespace = getattr(sys.modules.get(parent), '__dict__', {}) if parent else {}
    if namespace.get(child) is module:
        del namespace[child]


def stamp_of(file):
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
