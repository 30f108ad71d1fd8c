// A Python script cannot tell a warm python3 from one of its own (PRODUCT.md section 7): each is run both ways.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { masked, type ScriptOptions, startWarm } from '../support/warm-launcher.ts';

interface Sample extends ScriptOptions {
  readonly text: string;
  readonly body?: string;
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  'names, arguments and place': {
    text: 'import sys\nprint(__name__, __file__, sys.argv, sys.orig_argv, sys.path, sys.executable, sys.flags)\nprint(list(vars()), __spec__, __cached__, __doc__)\nimport __main__; print(__main__.sys is sys)',
    args: ['a', 'b c'],
  },
  environment: {
    text: 'import os, subprocess, posix\nprint(sorted(os.environ.items()), os.environ.get("LC_CTYPE"), sorted(posix.environ))\nprint(subprocess.run("env | grep -v ^_= | sort", shell=True, capture_output=True).stdout)',
  },
  'another locale': {
    text: 'import sys, locale\nprint(sys.stdout.encoding, sys.stdin.errors, sys.getfilesystemencoding(), locale.getlocale(), sys.flags.utf8_mode)',
    environment: { LANG: 'C' },
  },
  'stack and traceback': {
    text: 'import inspect, traceback\ndef f():\n    traceback.print_stack()\n    return [frame.filename for frame in inspect.stack()]\nprint(f())\nf.x.y',
  },
  'exception with a cause': {
    text: 'try:\n    1 / 0\nexcept Exception as error:\n    raise ValueError("é") from error',
  },
  'sys.exit with a number': { text: 'import sys, atexit\natexit.register(print, "atexit")\nprint("x")\nsys.exit(300)' },
  'sys.exit with a text': { text: 'import sys\nsys.exit("bye")' },
  'raise SystemExit': { text: 'raise SystemExit' },
  'syntax error': { text: 'print("x"\nfoo = = 1\n' },
  'bytes that are no UTF-8': { text: 'print("\xe9")\n' },
  'coding line': { text: '# -*- coding: latin-1 -*-\nprint(len("\xe9"))\n' },
  'module that is missing': { text: 'import no_such_module' },
  'what was not imported': {
    text: 'import sys, email\nprint(sorted(sys.modules), [name for name in ("message", "parser") if hasattr(email, name)])\nurllib.parse',
  },
  'import cgi': {
    text: 'import cgi, sys\nprint(sorted(sys.modules), cgi.__spec__.origin, cgi.__loader__.path)\nform = cgi.FieldStorage()\nprint(form.getfirst("a"))',
    environment: { QUERY_STRING: 'a=1', REQUEST_METHOD: 'GET' },
  },
  'a post': {
    text: 'import warnings\nwarnings.simplefilter("ignore")\nimport cgi\nform = cgi.FieldStorage()\nprint(form.getfirst("a"), form.getfirst("b"))',
    body: 'a=1&b=%e9',
    environment: { REQUEST_METHOD: 'POST', CONTENT_LENGTH: '9', CONTENT_TYPE: 'application/x-www-form-urlencoded' },
  },
  cgitb: { text: 'import cgitb\ncgitb.enable(format="text")\ndef f(a):\n    return a + None\nf(1)' },
  'stdin and stdout': {
    text: 'import sys\nprint(sys.stdin, sys.stdout, sys.stderr, sys.stdin.buffer, sys.stdout.line_buffering, sys.stderr.line_buffering, sys.stdin.seekable(), sys.stdin is sys.__stdin__)\nprint(repr(sys.stdin.read()))',
  },
  'stdin with a body': {
    text: 'import sys\nprint(sys.stdin.seekable(), sys.stdin.buffer.read())',
    body: '\xff\0\r\nx',
  },
  'line ends of a body, read as text': {
    text: 'import sys\nprint(repr(sys.stdin.read()))\nprint(repr(sys.stdin.newlines))',
    body: 'a\r\nb\rc\n\r\n',
  },
  'unbuffered by a variable': {
    text: 'import sys, os\nsys.stdout.write("a")\nos.write(1, b"b")\nprint(sys.stdout.write_through, sys.stdout.buffer, sys.stdin.buffer, sys.flags.unbuffered)',
    environment: { PYTHONUNBUFFERED: '1' },
  },
  unbuffered: {
    text: 'import sys, os\nsys.stdout.write("a")\nos.write(1, b"b")\nprint(sys.stdout.write_through, sys.stdout.buffer)',
    switches: ['-u'],
  },
  'order of buffered output': {
    text: 'import sys, os\nsys.stdout.write("a")\nos.write(1, b"b")\nos.system("printf c")',
  },
  'another stdout': {
    text: 'import sys, io, codecs\nsys.stdout = io.TextIOWrapper(sys.stdout.detach(), encoding="latin-1")\nprint("é")',
  },
  'stdout by number': { text: 'import sys\nout = open(1, "wb", closefd=False)\nout.write(b"x\\n")\nprint("y")' },
  'stdout closed': { text: 'import sys\nprint("x")\nsys.stdout.close()' },
  signals: {
    text: 'import signal\nprint([signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD, signal.SIGXFSZ)], signal.pthread_sigmask(0, ()), signal.set_wakeup_fd(-1))',
  },
  'a signal ends it': {
    text: 'import os\nprint("x", flush=True)\nos.kill(os.getpid(), 15)\nimport time; time.sleep(5)',
  },
  interrupted: { text: 'raise KeyboardInterrupt' },
  'descriptors, session, umask': {
    text: 'import os\nprint(os.listdir("/proc/self/fd"), os.getsid(0) == os.getpid(), os.umask(0), os.getcwd())',
  },
  'arguments like switches': { text: 'import sys\nprint(sys.argv)', switches: ['-u'], args: ['a', '-x', '-u'] },
  'variables of before': {
    text: 'import os, posix, time, subprocess\nprint(os.environ, os.environb, posix.environ, time.tzname, os.getenv("X"), time.strftime("%H", time.gmtime(0)), time.strftime("%H", time.localtime(0)))\nos.environ["X"] = "3"\nprint(sorted(subprocess.run(["env"], capture_output=True, text=True).stdout.split()))',
    environment: { X: '1', TZ: 'Asia/Tokyo', HTTP_X: '2' },
  },
  scheduling: { text: 'import os\nprint(os.sched_getscheduler(0) == os.SCHED_BATCH)' },
  threads: {
    text: 'import threading, time\nprint(threading.main_thread() is threading.current_thread(), threading.active_count())\nt = threading.Thread(target=lambda: (time.sleep(.1), print("thread")))\nt.start()\nprint("end")',
  },
  'unclosed file and __del__': {
    text: 'import os\nclass D:\n    def __del__(self):\n        print("gone", open, os)\nd = D()\nf = open("unclosed", "w"); f.write("x")\nprint("end")',
  },
  'what __del__ raises': {
    text: 'class D:\n    def __del__(self):\n        raise ValueError("in del")\nd = D()\ne = D()\ne.self = e',
  },
  'handlers of the interpreter': {
    text: 'import sys\nsys.excepthook = lambda *a: print("hook", a[0], sys.last_value if hasattr(sys, "last_value") else 0)\nraise ValueError("x")',
  },
  'hook that fails': {
    text: 'import sys\ndef hook(*a):\n    raise KeyError("h")\nsys.excepthook = hook\nraise ValueError("x")',
  },
  'no hook': { text: 'import sys\nsys.excepthook = None\nraise ValueError("x")' },
  'hook that is gone': { text: 'import sys\ndel sys.excepthook\nraise ValueError("x")' },
  'stdout that cannot be written any more': {
    text: 'import sys, os\nprint("x", flush=True)\nos.close(1)\nprint("y")',
  },
  'atexit that raises': { text: 'import atexit\n@atexit.register\ndef f():\n    raise ValueError("x")\nprint("end")' },
  'fork and exec': {
    text: 'import os, sys\npid = os.fork()\nif pid == 0:\n    print("child", flush=True)\n    os._exit(5)\nprint(os.waitpid(pid, 0)[1] >> 8, flush=True)\nos.execvp("echo", ["echo", "done"])',
  },
  'fork and sys.exit': {
    text: 'import os, sys\nprint("once")\nsys.stdout.flush()\nif os.fork() == 0:\n    sys.exit(4)\nprint(os.wait()[1] >> 8)',
  },
  warnings: {
    text: 'import warnings\nwarnings.warn("w", stacklevel=2)\nwarnings.warn("x")\nprint(warnings.filters)\nprint("\\d")',
  },
  reload: { text: 'import json, importlib\nbefore = json.dumps\nimportlib.reload(json)\nprint(before is json.dumps)' },
  pickling: { text: 'import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)' },
  'exit in a function of main': {
    text: 'def main():\n    print("main")\n    return 3\nif __name__ == "__main__":\n    import sys\n    sys.exit(main())',
  },
  locals: {
    text: 'print(sorted(globals()) == sorted(locals()), __builtins__, __loader__.__class__, __annotations__, __package__)\nx: int = 1\nprint(__annotations__)',
  },
  time: {
    text: 'import time\nprint(time.tzname, time.strftime("%H", time.gmtime(0)), time.localtime(0).tm_hour)',
    environment: { TZ: 'Asia/Tokyo' },
  },
};

describe('warm python3 (PRODUCT.md section 7)', () => {
  it('is not told apart by a script', async (t) => {
    const bench = await startWarm(t);
    for (const [index, [name, { text, body, ...options }]] of Object.entries(SAMPLES).entries()) {
      await t.test(name, async () => {
        // A name of its own: what a source says is remembered for a moment.
        const command = await bench.command('python3', text, { name: `script-${index}`, ...options });
        const warm = masked(await bench.runWarm(command, body));
        const cold = masked(await bench.run({ ...command, warm: undefined }, body));
        assert.deepEqual(warm, cold);
      });
    }
  });

  it('gives each script random numbers of its own, and nothing of the one before', async (t) => {
    const bench = await startWarm(t);
    const text =
      'import random, tempfile, os, cgi\nprint(getattr(cgi, "mark", 0), os.environ.get("X"), random.random(), next(tempfile._get_candidate_names()))\ncgi.mark = 1\nos.environ["X"] = "1"';
    const command = await bench.command('python3', text);
    const [one, two] = [await bench.runWarm(command), await bench.runWarm(command)];
    assert.notEqual(one.stdout, two.stdout);
    assert.match(two.stdout, /^0 None /);
  });

  it("prefers a module of the script's own folder, however late it comes", async (t) => {
    const bench = await startWarm(t);
    const command = await bench.command('python3', 'import json, email.message\nprint(json.OWN)');
    const warmed = await bench.runWarm(command);
    assert.match(warmed.stderr, /AttributeError: module 'json' has no attribute 'OWN'/);
    await writeFile(`${bench.folder}/json.py`, 'OWN = "own copy"\n');
    assert.equal((await bench.runWarm(command)).stdout, 'own copy\n');
    await mkdir(`${bench.folder}/email`);
    await writeFile(`${bench.folder}/email/__init__.py`, '');
    assert.match((await bench.runWarm(command)).stderr, /No module named 'email.message'/);
  });
});
