# A warm python3: its modules are loaded, and each script runs in a fork of it (PRODUCT.md section 7, decisions/004).
# Promises: the script's frame is the first one, __main__ is fresh, and what cannot be had so is executed anew.
# It serves as fork-server.py does, with the same frames; a command is the cold one: interpreter, switches, script.
# Python 3.8 and later, started without switches; nothing here may import before NATIVE is taken.
import sys

NATIVE = set(sys.modules)
NATIVE_PATH = sys.path[1:] if not getattr(sys.flags, 'safe_path', False) else sys.path[:]
FOLDER = __file__.rpartition('/')[0]


def neighbour(file, known_as=None):
    """A file beside this one, as a module that nobody can import."""
    module = type(sys)(file)
    with open(f'{FOLDER}/{file}', encoding='utf-8') as source:
        exec(compile(source.read(), known_as or f'{FOLDER}/{file}', 'exec'), module.__dict__)
    return module


sys.path[:] = NATIVE_PATH
# Under this name its frames are left out of tracebacks, and not counted by the stacklevel of a warning.
PRELOADED = neighbour('warm-python-imports.py', '<frozen importlib._bootstrap_external>').Preloaded(NATIVE)
PRELOADED.watch()
import warnings  # noqa: The first import that is watched.
neighbour('warm-python-resident.py').main(PRELOADED, NATIVE_PATH, neighbour, sys.argv[1:])
