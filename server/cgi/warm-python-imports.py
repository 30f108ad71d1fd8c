# Modules that a warm python3 has loaded, kept out of sight: a script still has to import what it uses.
# Promises: an import finds its file on sys.path as ever, so a module of the script's own folder comes first;
# only where that is the very file loaded before is its body not run again; what the body imported, and the
# warning it gave, come as if it had been. Found is known without a search while sys.path is what it was at the start.
# Imports nothing but what every python3 has loaded, so that it can watch all other imports.
import builtins
import os
import sys
import time

BOOTSTRAP, EXTERNAL = (sys.modules[name] for name in ('_frozen_importlib', '_frozen_importlib_external'))
MOST_FOLDERS = 100
SETTLED_NANOSECONDS = 1_000_000_000
# What an import looks for in a folder: a package, or a file with one of these ends.
SUFFIXES = {'', *(suffix for _, suffixes in EXTERNAL._get_supported_file_loaders() for suffix in suffixes)}
ALWAYS = ('always', None, Warning, None, 0)


class Kept:
    def __init__(self, name, module, warnings):
        self.name = name
        self.module = module
        self.spec = module.__spec__
        self.warnings = warnings
        self.imports = []
        # In the order in which they would be loaded; absent where one of them has to be loaded anew.
        self.closure = None


class Preloaded:
    """`native` names what an interpreter has loaded when it has just started."""

    def __init__(self, native):
        self.native = native
        self.kept = {}
        self.modules = {}
        self.imports = {}
        # By package: what its body puts into sys.modules under a name below its own, and no file holds (collections.abc since 3.13).
        self.aliases = {}
        self.warnings = {}
        self.stamps = {}
        self.path = None
        self.folders = {}
        # Of each folder of sys.path: the time of its last change, and which of ours it holds.
        self.places = {}
        self.tops = frozenset()

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
        before = set(sys.modules)
        warned, failed = [], False
        show = warnings._showwarnmsg
        warnings._showwarnmsg = lambda warning: warned.append((body_that_runs(), warning.message))
        # In place, and taken away again: _warnings.c has the list for its own.
        warnings.filters.insert(0, ALWAYS)
        warnings._filters_mutated()
        try:
            __import__(name)
        except BaseException:
            failed = True  # Not there, or it does not load here: a script that wants it says so itself.
        warnings.filters.remove(ALWAYS)
        warnings._filters_mutated()
        warnings._showwarnmsg = show
        if failed or None in dict(warned):
            for other in set(sys.modules) - before:
                detach(other, sys.modules.pop(other))
            return
        for module, message in warned:
            self.warnings.setdefault(module, []).append(message)

    def hide(self, path):
        """`path` is sys.path without a script's folder."""
        builtins.__import__ = self.real_import
        hidden = {name: module for name, module in sys.modules.items()
                  if name not in self.native and getattr(module, '__spec__', None) is not None}
        for name, module in hidden.items():
            self.modules[name] = module
            package = name.rpartition('.')[0]
            if module.__spec__.name != name and package in hidden:
                self.aliases.setdefault(package, {})[name] = module
                continue
            self.kept[name] = Kept(name, module, self.warnings.get(name, ()))
            self.stamp(getattr(module, '__file__', None))
            detach(name, module)
        for name in hidden:
            del sys.modules[name]
        self.tops = frozenset(name for name in self.kept if '.' not in name)
        self.places = {folder: (stamp_of(folder), self.ours_in(folder)) for folder in path}
        for name, kept in self.kept.items():
            kept.imports = self.imports.get(name, ())
            kept.closure = self.closure(name, [], {name})
        for loader in (EXTERNAL.SourceFileLoader, EXTERNAL.ExtensionFileLoader,
                       BOOTSTRAP.BuiltinImporter, BOOTSTRAP.FrozenImporter):
            self.take_over(loader)
        self.take_over_search(EXTERNAL.PathFinder)

    def closure(self, name, order, seen):
        for called, place, _, names, level in self.kept[name].imports or self.imports.get(name, ()):
            found = BOOTSTRAP._resolve_name(called, place.get('__package__') or '', level) if level else called
            parts = found.split('.')
            wanted = ['.'.join(parts[:end + 1]) for end in range(len(parts))]
            wanted += [f'{found}.{part}' for part in names if f'{found}.{part}' in self.kept]
            for other in wanted:
                if other in seen or other in self.native or other in self.aliases.get(other.rpartition('.')[0], ()):
                    continue
                if other not in self.kept or self.kept[other].warnings:
                    return None
                seen.add(other)
                order.append(other)
                if self.closure(other, order, seen) is None:
                    return None
        return order

    def settle(self, path):
        """`path` is sys.path as the script finds it; its first folder is the script's."""
        self.path = path

    def look_into(self, folder):
        """In the resident: what a script's folder holds is known then, for as long as it stays the same."""
        try:
            folder = os.fsdecode(folder)
            stamp = os.stat(folder).st_mtime_ns
            # What is made in the same moment as the last change would not be seen as another.
            if time.time_ns() - stamp > SETTLED_NANOSECONDS:
                self.is_without_ours(folder, stamp)
        except OSError:
            pass  # An import says so.

    def is_without_ours(self, folder, stamp):
        """Listed once for each `stamp`, the time of its last change."""
        known = self.folders.get(folder)
        if known is None or known[0] != stamp:
            if len(self.folders) > MOST_FOLDERS:
                self.folders.clear()
            known = self.folders[folder] = (stamp, self.tops.isdisjoint(importable(folder)))
        return known[1]

    def is_as_at_start(self):
        """No search could find another file than at the preload: the script's folder holds nothing of that name."""
        if sys.path != self.path:
            return False
        folder = self.path[0]
        try:
            return self.is_without_ours(folder, os.stat(folder).st_mtime_ns)
        except OSError:
            return False

    def take_over_search(self, finder):
        search = finder.find_spec

        def find_spec(cls, fullname, path=None, target=None):
            kept = self.kept.get(fullname)
            if kept is not None and target is None and self.is_as_at_start():
                return kept.spec
            return search(fullname, path, target)

        finder.find_spec = classmethod(find_spec)

    def take_over(self, loader):
        create, execute = loader.create_module, loader.exec_module

        def create_module(*arguments):
            spec = arguments[-1]
            kept = self.kept.get(spec.name)
            return kept.module if kept and kept.spec.origin == spec.origin else create(*arguments)

        def exec_module(*arguments):
            module = arguments[-1]
            kept = self.kept.get(module.__spec__.name)
            if kept is None or kept.module is not module:
                return execute(*arguments)
            self.resume(kept)

        is_instance = loader in (EXTERNAL.SourceFileLoader, EXTERNAL.ExtensionFileLoader)
        loader.create_module = create_module if is_instance else staticmethod(create_module)
        loader.exec_module = exec_module if is_instance else staticmethod(exec_module)

    def resume(self, kept):
        """What running the body would have done to others."""
        del self.kept[kept.name]  # importlib.reload runs the body.
        sys.modules.update(self.aliases.get(kept.name, ()))
        if kept.closure is not None and self.is_as_at_start():
            modules = sys.modules
            for name in kept.closure:
                if name not in modules and name in self.kept:
                    module = modules[name] = self.kept.pop(name).module
                    modules.update(self.aliases.get(name, ()))
                    parent, _, child = name.rpartition('.')
                    if parent:
                        setattr(modules[parent], child, module)
        else:
            for call in kept.imports:
                try:
                    __import__(*call)
                except ImportError:
                    pass  # The body had caught it, at the preload too.
        for message in kept.warnings:
            warn_importer(message)

    def stamp(self, file):
        if file:
            self.stamps[file] = stamp_of(file)

    def changed(self):
        return any(stamp_of(file) != stamp for file, stamp in self.stamps.items()) or any(map(self.holds_others, self.places))

    def holds_others(self, folder):
        """A module that has come in front of one of ours, on PYTHONPATH say, is what an import would find."""
        stamp, ours = self.places[folder]
        now = stamp_of(folder)
        if now == stamp:
            return False
        self.places[folder] = (now, ours)
        return self.ours_in(folder) != ours

    def ours_in(self, folder):
        try:
            return self.tops & importable(folder)
        except OSError:
            return frozenset()  # Not there, or an archive.


def importable(folder):
    """Names of modules and packages that an import may find in it."""
    parts = (name.partition('.') for name in os.listdir(folder))
    return {name for name, dot, rest in parts if dot + rest in SUFFIXES}


def body_that_runs():
    """The module whose body gave the warning that is being shown."""
    frame = sys._getframe(1)
    while frame is not None:
        spec = frame.f_globals.get('__spec__')
        if frame.f_code.co_name == '<module>' and getattr(spec, '_initializing', False):
            return spec.name
        frame = frame.f_back
    return None


def warn_importer(message):
    """As a warning with a stacklevel that means the importer: frames of importlib do not count."""
    frame = sys._getframe(1)
    while frame.f_back and 'importlib' in frame.f_code.co_filename and '_bootstrap' in frame.f_code.co_filename:
        frame = frame.f_back
    registry = frame.f_globals.setdefault('__warningregistry__', {})
    sys.modules['warnings'].warn_explicit(message, type(message), frame.f_code.co_filename, frame.f_lineno,
                                          frame.f_globals.get('__name__', '<unknown>'), registry)


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
