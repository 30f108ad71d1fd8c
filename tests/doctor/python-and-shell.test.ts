// Python 2, modules that left Python, and syntax of Python and sh.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findingsIn } from './examined.ts';

const PYTHON = '#!/usr/bin/env python3\n';

describe('Python 2', () => {
  for (const [expected, code] of [
    ['error python2-syntax cgi-bin/x.py:2', 'print "hello"'],
    ['warning python2-name cgi-bin/x.py:2', 'import sys; print >>sys.stderr, "x"'],
    ['error python2-syntax cgi-bin/x.py:4', 'try:\n    pass\nexcept ValueError, e:\n    pass'],
    ['error python2-syntax cgi-bin/x.py:4', 'try:\n    pass\nexcept (IOError, OSError), e: pass'],
    ['error python2-syntax cgi-bin/x.py:4', 'try:\n    pass\nexcept IOError, (number, text): pass'],
    ['error python2-syntax cgi-bin/x.py:2', 'raise ValueError, "bad"'],
    ['error python2-module cgi-bin/x.py:2', 'from email.MIMEText import MIMEText'],
    ['error python2-module cgi-bin/x.py:2', 'import email.Utils'],
    ['error python2-module cgi-bin/x.py:2', 'from email import Encoders'],
    ['warning python2-name cgi-bin/x.py:3', 'import time\nx = time.clock()'],
    ['warning python2-name cgi-bin/x.py:3', 'import sys\nx = sys.maxint'],
    ['warning python2-name cgi-bin/x.py:3', 'import os\nx = os.popen2("ls")'],
    ['warning python2-name cgi-bin/x.py:3', 'import os\nx = os.getcwdu()'],
    ['warning python2-name cgi-bin/x.py:3', 'import base64\nx = base64.encodestring("a")'],
    ['warning python2-name cgi-bin/x.py:3', 'import types\nx = type(1) == types.StringType'],
    ['warning python2-name cgi-bin/x.py:2', 'from string import letters'],
    ['warning python2-name cgi-bin/x.py:2', 'x = apply(max, (1, 2))'],
    ['warning python2-name cgi-bin/x.py:2', 'x = intern("a")'],
    ['warning python2-name cgi-bin/x.py:2', 'raise "bad"'],
    ['warning python2-name cgi-bin/x.py:2', '[2, 1].sort(cmp=max)'],
    ['warning python2-name cgi-bin/x.py:2', '[2, 1].sort(lambda a, b: 0)'],
    ['warning python2-name cgi-bin/x.py:2', '{}.keys().sort()'],
    ['warning python2-name cgi-bin/x.py:4', 'd = {}\nnames = d.keys()\nnames.sort()'],
    ['warning python2-name cgi-bin/x.py:3', 'd = {}\nnames = d.keys(); names.sort()'],
    ['error python2-syntax cgi-bin/x.py:2', 'x = 1 <> 2'],
    ['error python2-syntax cgi-bin/x.py:2', 'x = 0755'],
    ['error python2-module cgi-bin/x.py:2', 'import urllib2'],
    ['warning python2-name cgi-bin/x.py:2', 'x = {}; x.has_key(1)'],
    ['warning python2-name cgi-bin/x.py:2', 'def f(): return unicode("x")'],
    ['warning python2-name cgi-bin/x.py:3', 'try:\n    x = unicode("x")\nexcept:\n    print("failed")'],
    ['warning python2-name cgi-bin/x.py:5', 'if __debug__:\n    pass\nelse:\n    x = unicode("x")'],
    ['warning python2-name cgi-bin/x.py:4', 'PY3 = True\nif PY3: x = "x"\nx = unicode("x")'],
  ] as const) {
    for (const compiles of ['all', 'none'] as const) {
      it(`is seen in: ${code.replaceAll('\n', '↵')} (${compiles})`, async (t) => {
        const found = await findingsIn(t, { 'cgi-bin/x.py': `${PYTHON}${code}\n` }, { compiles });
        const unasked = expected.replace('error python2-syntax', 'warning python2-syntax');
        assert.deepEqual(found, [compiles === 'none' ? unasked : expected]);
      });
    }
  }

  for (const code of [
    'print("a", "b")\nprint()\nprint ("c")',
    '"""\nprint "hello"\nimport urllib2\n"""\nx = 1',
    '# print "hello"\nx = "print `a` <> 0755"',
    'try:\n    import urllib2\nexcept ImportError:\n    import urllib.request as urllib2',
    'try:\n    from cStringIO import StringIO\nexcept ImportError:\n    from io import StringIO',
    'import os, sys\nos.chmod("/dev/null", 0o666) if False else None\nx = 10\ny = 0.075',
    'def printer(x): return x\nprinter("x")',
    'xrange = range\nfor i in xrange(3): pass',
    'class D:\n    def itervalues(self): return []\n    def f(self): return self.itervalues()',
    'def f(string): return string.lower() + string.strip()',
    'import os\nx = [1.0e+004, 1.0e-006]\nfd = os.open("/dev/null", os.O_RDONLY, 000) if x else 0',
    'import sys\nif sys.version_info[0] < 3:\n    import urllib2\nelse:\n    import urllib.request as urllib2',
    'import sys\nif sys.version_info[0] < 3:\n    for x in [1]:\n        y = unicode(x)\nelse:\n    y = str(1)',
    'PY3 = True\nif not PY3:\n    import urllib\n    q = urllib.quote("x")',
    'import six, urllib\nif six.PY3:\n    x = 1\nelif six.PY2:\n    x = urllib.quote("x")\nelse:\n    x = unicode("y")',
    'IS_PY2 = False\nx = unicode("x") if IS_PY2 else "x"\nif IS_PY2: x = unicode("y")',
    'try:\n    s = unicode("x")\nexcept NameError:\n    s = str("x")',
    'd = {}\ntry:\n    for k in d.iteritems():\n        print(k)\nexcept (TypeError, AttributeError):\n    pass',
    'from urllib.parse import quote\nimport urllib\ntry:\n    x = quote("x")\nexcept NameError:\n    x = urllib.quote("x")',
    'import sys\nif sys.version_info[0] < 3:\n    for x in [1]:\n        import urllib2',
    'import time\ntime.clock = time.process_time\nx = time.clock()',
    'from functools import reduce\nx = reduce(max, [1])\ndef apply(f): return f()\napply(int)',
    'import email.utils\nfrom email import encoders, message\nfrom email.mime.text import MIMEText',
    'd = {}\nnames = list(d.keys())\nnames.sort()\nnames = d.keys()\nnames = sorted(names)\nnames.sort(key=len)',
    'class A:\n    def clock(self): pass\ntime = A()\ntime.clock()',
    'try:\n    pass\nexcept (IOError, OSError) as e: pass',
  ]) {
    it(`is not seen in: ${code.replaceAll('\n', '↵')}`, async (t) => {
      assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.py': `${PYTHON}${code}\n` }), []);
      assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.py': `${PYTHON}${code}\n` }, { compiles: 'none' }), []);
    });
  }
});

describe('modules of Python', () => {
  it('are the site its own beside the script and in sys.path', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.py': `${PYTHON}import sys\nsys.path.insert(0, "../lib")\nimport guest, tools\nfrom shop import basket\n`,
      'cgi-bin/guest.py': 'def sign(): pass\n',
      'lib/tools.py': '',
      'lib/shop/__init__.py': '',
    });
    assert.deepEqual(found, []);
  });

  it('are not missed where the script asks first, or the line goes on', async (t) => {
    const text = `import sys\nif sys.platform == "win32":\n    import winreg_of_old\nfrom os.path \\\n    import join, \\\n    basename\n`;
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.py': `${PYTHON}${text}` }), []);
  });

  it('are missed where python has none', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/x.py': `${PYTHON}import os, nowhere_found\n\ndef f():\n    import later\n`,
    });
    assert.deepEqual(found, [
      'error python-module-missing cgi-bin/x.py:2',
      'warning python-module-missing cgi-bin/x.py:5',
    ]);
  });
});

describe('syntax of Python', () => {
  it('is refused at file and line, and no file spoils the others', async (t) => {
    const found = await findingsIn(t, {
      'cgi-bin/a.py': `${PYTHON}x = (1\n`,
      'cgi-bin/b.py': `${PYTHON}x = 1\n`,
      'cgi-bin/c.py': `${PYTHON}if x:\n`,
      'cgi-bin/deep.py': `${PYTHON}x = ${'('.repeat(5000)}${')'.repeat(5000)}\n`,
      'cgi-bin/z.py': `${PYTHON}def f(:\n`,
    });
    const files = found.map((line) => line.replace(/:\d+$/, ''));
    assert.deepEqual(
      files.filter((line) => !line.includes('deep')),
      ['error python-syntax cgi-bin/a.py', 'error python-tabs cgi-bin/c.py', 'error python-syntax cgi-bin/z.py'].sort(),
    );
  });

  it('executes nothing', async (t) => {
    const found = await findingsIn(t, { 'cgi-bin/x.py': `${PYTHON}raise SystemExit(3)\n` }, { compiles: 'all' });
    assert.deepEqual(found, []);
  });
});

describe('syntax of sh', () => {
  it('is refused at file and line', async (t) => {
    const found = await findingsIn(t, { 'cgi-bin/x.sh': '#!/bin/sh\necho a\nif true; then\necho b\n' });
    assert.match(found.join(), /^error shell-syntax cgi-bin\/x\.sh:\d$/);
  });

  it('is that of bash for bash', async (t) => {
    assert.deepEqual(await findingsIn(t, { 'cgi-bin/x.sh': '#!/bin/bash\nx=(a b)\ncat <(echo)\n' }), []);
  });
});
