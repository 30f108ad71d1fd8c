// What the table says of old Python, and its first mend carried out: the script then runs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PYTHON2_ATTRIBUTES } from '../../server/diagnosis/python2-names.ts';
import { refinementOf } from '../../server/diagnosis/stderr-patterns.ts';
import { withFileFacts } from '../../server/http/failure-evidence.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgibox-python-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function run(file: string) {
  return spawnSync('python3', [file], { cwd: folder, encoding: 'latin1', env: { PATH: process.env.PATH ?? '' } });
}

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text, 'latin1');
  return file;
}

function refinement(file: string) {
  const { stderr, stdout } = run(file);
  return refinementOf(withFileFacts({ scriptFile: file, scriptName: '/cgi-bin/x.py', stderr, output: stdout }));
}

function hasCgi(): boolean {
  return run(write('has-cgi.py', 'import cgi\n')).status === 0;
}

function isMended(file: string, command: string | undefined): void {
  execFileSync('sh', ['-ec', command ?? 'false']);
  const { stdout, stderr } = run(file);
  assert.equal(stdout, 'ok\n', stderr);
}

describe('source in another encoding', () => {
  for (const [id, encoding, text] of [
    ['pythonSourceEncoding', 'iso-8859-1', '#!python\n# J\xf6rg\nprint("ok")\n'],
    ['pythonSourceEncoding', 'iso-8859-1', 'print("ok") # J\xf6rg\n'],
    ['pythonSourceEncoding', 'shift_jis', '# \x83e\x83X\x83g\nx = "charset=Shift_JIS"\nprint("ok")\n'],
    ['pythonSourceEncodingWrong', 'iso-8859-1', '#!python\n# -*- coding: utf-8 -*-\nx = "caf\xe9"\nprint("ok")\n'],
    ['pythonSourceEncodingWrong', 'euc-jp', '# coding: x-euc\nx = "\xa5\xb5 charset=euc-jp"\nprint("ok")\n'],
  ] as const) {
    it(`is called ${encoding}: ${JSON.stringify(text)}`, () => {
      const file = write('encoded.py', text);
      const said = refinement(file);
      assert.equal(said?.id, id);
      assert.ok(said.mend[0]?.includes(` ${encoding} `), said.mend[0]);
      assert.equal(said.mend.length, encoding === 'iso-8859-1' ? 1 : 2);
      isMended(file, said.mend[0]);
    });
  }

  it('is mended in the library that holds it', () => {
    write('encodedlib.py', '"""x"""\ny = "caf\xe9"\n');
    const file = write('imports.py', 'import encodedlib\nprint("ok")\n');
    isMended(file, refinement(file)?.mend[0]);
  });
});

describe('except of Python 2', () => {
  for (const clause of ['(IOError, OSError), e', 'IOError, e', 'IOError,e1', 'socket.error ,e', '(IOError), e']) {
    for (const indent of ['', '\t', '    ']) {
      it(`is mended: ${JSON.stringify(`${indent}except ${clause}:`)}`, () => {
        const text = `import socket\nif True:\n${indent || ' '}x = 1\ntry:\n  print("ok")\nexcept ${clause}: pass\n`;
        const inBlock = `def f():\n${indent}try:\n${indent}${indent}print("ok")\n${indent}except ${clause}:\n${indent}${indent}pass\nf()\n`;
        const file = write('except.py', indent === '' ? text : inBlock);
        const said = refinement(file);
        assert.equal(said?.id, 'python2Except');
        assert.match(said.mend.at(-1) ?? '', /interpreter: python2/);
        isMended(file, said.mend[0]);
      });
    }
  }

  it('is shown as two lines where it unpacks', () => {
    const file = write('unpack.py', 'try:\n  pass\nexcept socket.error, (errno, text):\n  pass\n');
    assert.equal(refinement(file)?.mend[0], 'except socket.error as error:\n    errno, text = error.args');
  });
});

describe('the modules of email in Python 2', () => {
  for (const text of [
    'from email.MIMEText import MIMEText\nfrom email.MIMEMultipart import MIMEMultipart\nMIMEText("x")',
    'import email.Utils, email.MIMEBase\nemail.Utils.formatdate(); email.MIMEBase.MIMEBase',
    'from email.Header import Header',
    'import email.Message\nfrom email import Encoders\nEncoders.encode_base64',
  ]) {
    it(`are mended: ${JSON.stringify(text)}`, () => {
      const file = write('mailer.py', `#!python\n${text}\nprint("ok")\n`);
      const said = refinement(file);
      assert.match(said?.title ?? '', /^The script is written in Python 2: there is no module email\.\w+ any more$/);
      isMended(file, said?.mend[0]);
    });
  }

  it('are named where "from email" takes one', () => {
    const file = write('from.py', 'from email import Encoders\n');
    assert.deepEqual(refinement(file)?.mend, ['import email.encoders as Encoders']);
  });
});

describe('a module of a package that is here', () => {
  for (const module of ['email.Foo', 'json.nowhere', 'xml.dom.Old']) {
    it(`is in no package of Debian: ${module}`, () => {
      const said = refinement(write('part.py', `import ${module}\n`));
      assert.match(said?.title ?? '', /^The Python package [\w.]+ has no module \w+$/);
      assert.match(said?.mend.join() ?? '', /^python3 -c 'import/);
      execFileSync('sh', ['-ec', said?.mend[0] ?? 'false']);
    });
  }
});

it('installs no package of another name for a folder of the site that was not copied', () => {
  const said = refinement(write('own.py', 'import conf\n'));
  assert.deepEqual(said?.mend, ['apt-cache policy python3-conf   # perhaps']);
});

describe('names of Python 2', () => {
  it('are given back by their lines', () => {
    const isCgiHere = hasCgi();
    const lines = Object.entries(PYTHON2_ATTRIBUTES)
      .filter(([name]) => !name.startsWith('os.popen') && (isCgiHere || !name.startsWith('cgi.')))
      .map(([name, line]) => `${line}\n${name}\nfrom ${name.replace('.', ' import ')}\n`);
    const { stdout, stderr } = run(write('lines.py', `${lines.join('')}print("ok")\n`));
    assert.equal(stdout, 'ok\n', stderr);
  });

  for (const [expected, text, mend] of [
    ['python2Attribute There is no cgi.escape any more', 'import cgi\ncgi.escape("a")', 'html.escape'],
    ['python2Attribute There is no cgi.parse_qs any more', 'import cgi\ncgi.parse_qs("a")', 'urllib.parse.parse_qs'],
    ['python2Attribute There is no sys.maxint any more', 'import sys\nsys.maxint', 'sys.maxsize'],
    ['python2Attribute There is no os.popen2 any more', 'import os\nos.popen2("x")', 'subprocess.Popen'],
    ['python2Attribute There is no string.uppercase any more', 'import string\nstring.uppercase', 'ascii_uppercase'],
    ['python2Attribute There is no urllib.unquote_plus any more', 'import urllib\nurllib.unquote_plus', 'urllib.parse'],
    ['pythonNameMoved cgi has no escape', 'from cgi import escape', 'html.escape'],
    ['python2Name', 'apply(max, (1, 2))', 'apply = '],
    ['python2Name', 'intern("x")', 'from sys import intern'],
    ['python2Method', 'import cgi\ncgi.FieldStorage().has_key("a")', 'key in mapping'],
    ['python2Method', 'import os\nos.environ.has_key("a")', 'key in mapping'],
    ['python2Method', 'import csv\ncsv.reader([]).next()', 'next(rows)'],
    ['python2Lists', '{}.keys().sort()', 'sorted(mapping)'],
    ['python2Lists', 'import os\nnames = os.environ.keys()\nnames.sort()', 'sorted(mapping)'],
    ['python2Lists', '{1: 2}.items()[0]', 'sorted(mapping)'],
    ['python2Lists', 'len(map(str, []))', 'list(map('],
    ['python2Sort', '[2, 1].sort(cmp=lambda a, b: 0)', 'cmp_to_key'],
    ['python2Sort', '[2, 1].sort(lambda a, b: 0)', 'cmp_to_key'],
    ['python2RaiseText', 'raise "bad"', 'raise Exception'],
  ] as const) {
    it(`are known on the failure page: ${JSON.stringify(text)}`, (t) => {
      if (text.includes('cgi') && !hasCgi()) return t.skip('Python has no cgi');
      const file = write('name.py', `${text}\n`);
      const said = refinement(file);
      assert.ok(`${said?.id} ${said?.title}`.startsWith(expected), run(file).stderr);
      assert.ok(said?.mend.join().includes(mend), said?.mend.join());
    });
  }
});
