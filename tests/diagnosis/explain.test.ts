import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cause, Evidence } from '../../server/diagnosis/cause.ts';
import { explain, titleOf } from '../../server/diagnosis/explain.ts';

const evidence = (parts: Partial<Evidence> = {}): Evidence => ({
  scriptFile: '/site/cgi-bin/form.pl',
  scriptName: '/cgi-bin/form.pl',
  stderr: '',
  output: '',
  ...parts,
});

const EVERY_CAUSE: readonly (readonly [Cause, title: RegExp, mend: RegExp])[] = [
  [{ kind: 'notExecutable' }, /^form\.pl is not executable$/, /^chmod \+x \/site/],
  [{ kind: 'shebangMissing' }, /does not say which program/, /1i #!\/usr\/bin\/perl/],
  [{ kind: 'shebangCarriageReturn', interpreter: '/usr/bin/perl' }, /CR LF/, /^sed -i '1s\/\\r\$\/\/'/],
  [{ kind: 'shebangByteOrderMark' }, /byte order mark/, /\\xEF\\xBB\\xBF/],
  [
    { kind: 'interpreterMissing', interpreter: '/usr/local/bin/perl5.004 -w' },
    /perl5\.004 -w is not here/,
    /^apt-get install perl$/,
  ],
  [{ kind: 'interpreterMissing', interpreter: 'C:\\Perl\\bin\\perl.exe' }, /C:\\Perl/, /^apt-get install perl$/],
  [{ kind: 'interpreterMissing', interpreter: '/usr/bin/lua5.1' }, /lua5\.1 is not here/, /^apt-get install lua5\.1$/],
  [{ kind: 'couldNotStart', errno: 'EACCES' }, /could not be started: EACCES/, /^chmod a\+rx/],
  [{ kind: 'couldNotStart', errno: 'EWHATEVER' }, /EWHATEVER/, /^ls -ld/],
  [{ kind: 'environmentTooLarge' }, /does not fit/, /requestHeaderBytes/],
  [
    { kind: 'noOutput', exit: { kind: 'exited', code: 3 } },
    /ended with exit status 3 and wrote nothing/,
    /^cd \/site\/cgi-bin/,
  ],
  [{ kind: 'noOutput', exit: { kind: 'killed', signal: 'SIGXCPU' } }, /was ended by SIGXCPU/, /cpuSeconds/],
  [{ kind: 'noOutput', exit: undefined }, /closed its output and wrote nothing/, /env -i/],
  [{ kind: 'headerIncomplete', exit: { kind: 'exited', code: 0 } }, /before the empty line/, /Content-Type/],
  [{ kind: 'headerMalformed', line: 2, reason: 'no colon' }, /^Line 2 of the output/, /Content-Type/],
  [{ kind: 'headerTooLarge', limit: '64 KiB' }, /too large/, /Content-Type/],
  [{ kind: 'headerWithoutCgiField' }, /no Content-Type, Location or Status/, /Content-Type/],
  [{ kind: 'statusMalformed', line: 1, value: 'OK' }, /no HTTP status/, /^Status: 404/],
  [{ kind: 'locationMalformed', line: 1, value: 'x y' }, /leads nowhere/, /^Location: \//],
  [{ kind: 'localRedirectLoop', limit: 10 }, /redirects in a circle/, /^cd /],
  [{ kind: 'timeLimit', seconds: 60 }, /no header within 60 seconds/, /timeoutSeconds: 300/],
  [{ kind: 'queueFull', running: 32, waiting: 512 }, /Too many requests/, /running: 64/],
  [{ kind: 'bodyTooLarge', limitBytes: 1024 }, /body of the request is too large/, /bodyBytes: 2048/],
  [{ kind: 'stopping' }, /stopping/, /graceSeconds/],
  [{ kind: 'runnerLost' }, /helper process/, /runner: direct/],
  [{ kind: 'noOutput', exit: { kind: 'killed', signal: 'unknown' } }, /ended, nobody saw how, and wrote/, /^cd /],
  [{ kind: 'spoolFailed', errno: 'ENOSPC', folder: '/tmp' }, /could not be kept: ENOSPC/, /^df -h \/tmp$/],
  [{ kind: 'spoolFailed', errno: 'EACCES', folder: '/t m' }, /could not be kept: EACCES/, /^df -h '\/t m'$/],
  [{ kind: 'spoolFailed', errno: 'ENOENT', folder: '/tmp' }, /could not be kept: ENOENT/, /^mkdir -p -m 1777 \/tmp$/],
];

describe('the explanation of a cause', () => {
  it('names no other program where the package brings the one that is asked for', () => {
    for (const interpreter of ['/usr/bin/gawk', 'php-cgi', '/usr/bin/php-cgi']) {
      const { mend } = explain({ kind: 'interpreterMissing', interpreter }, evidence());
      assert.deepEqual(mend, [`apt-get install ${interpreter.replace('/usr/bin/', '')}`]);
    }
    for (const interpreter of ['/usr/local/bin/gawk', 'python2', '/opt/cobol'])
      assert.match(
        explain({ kind: 'interpreterMissing', interpreter }, evidence()).mend.join('\n'),
        /shebangs:(?:.|\n)*sed -i/,
      );
  });

  for (const [cause, title, mend] of EVERY_CAUSE) {
    it(`exists for ${JSON.stringify(cause)}`, () => {
      const explanation = explain(cause, evidence());
      assert.match(explanation.title, title);
      assert.match(explanation.mend[0] ?? '', mend);
      assert.match(explanation.why, /^[A-Z0-9].*[.]$/s);
      assert.doesNotMatch(`${explanation.title}${explanation.why}`, /undefined|\n/);
      assert.equal(titleOf(cause, '/site/cgi-bin/form.pl'), explanation.title);
    });
  }

  it('is what stderr says, where nothing was written', () => {
    const stderr = "Can't locate CGI.pm in @INC (@INC contains: /etc/perl) at /site/cgi-bin/form.pl line 3.\n";
    const explanation = explain({ kind: 'noOutput', exit: { kind: 'exited', code: 2 } }, evidence({ stderr }));
    assert.equal(explanation.title, 'The Perl module CGI is not installed');
    assert.equal(explanation.refinedBy, 'perlModuleMissing');
    assert.deepEqual(explanation.place, { file: '/site/cgi-bin/form.pl', line: 3 });
  });

  it('is the last words of a script that stopped by itself', () => {
    const bad: Cause = { kind: 'noOutput', exit: { kind: 'exited', code: 255 } };
    const died = explain(
      bad,
      evidence({ stderr: 'Odd number at x.pl line 2.\nno such user bob at x.pl line 3, <F> line 1.\n' }),
    );
    assert.equal(died.title, 'The script stopped: no such user bob');
    assert.match(died.mend[0] ?? '', /^cd /);
    const traceback =
      'Traceback (most recent call last):\n  File "/site/x.py", line 6, in <module>\n    1/0\nZeroDivisionError: division by zero\n';
    assert.equal(
      explain(bad, evidence({ stderr: traceback })).title,
      'The script stopped with ZeroDivisionError: division by zero',
    );
  });

  it('takes no warning for the last words of a script that ended well', () => {
    const stderr = 'Use of uninitialized value at x.pl line 2.\n';
    const explanation = explain({ kind: 'noOutput', exit: { kind: 'exited', code: 0 } }, evidence({ stderr }));
    assert.equal(explanation.title, 'form.pl ended with exit status 0 and wrote nothing');
  });

  it('keeps the bad header, and adds what stderr says', () => {
    const stderr = '/site/x.sh: 3: fortune: not found\n';
    const explanation = explain({ kind: 'headerWithoutCgiField' }, evidence({ stderr }));
    assert.match(explanation.title, /no Content-Type/);
    assert.match(explanation.why, /stderr adds: There is no command fortune\.$/);
    assert.equal(explanation.mend[1], 'command -v fortune');
  });

  it('does not let stderr explain a full queue', () => {
    const explanation = explain(
      { kind: 'queueFull', running: 1, waiting: 1 },
      evidence({ stderr: 'x: Permission denied' }),
    );
    assert.equal(explanation.refinedBy, undefined);
    assert.match(explanation.title, /Too many/);
  });

  it('puts a name with spaces and quotes into a command as one word', () => {
    const explanation = explain({ kind: 'notExecutable' }, evidence({ scriptFile: "/site/it's mine/a b.pl" }));
    assert.equal(explanation.mend[0], `chmod +x '/site/it'\\''s mine/a b.pl'`);
  });
});

describe('the command that runs a script by hand', () => {
  const bad: Cause = { kind: 'noOutput', exit: { kind: 'exited', code: 1 } };

  it('asks what the request asked', () => {
    const [mend] = explain(bad, evidence({ query: "a=1&b=it's" })).mend;
    assert.match(mend ?? '', / QUERY_STRING='a=1&b=it'\\''s' \.\/form\.pl$/);
  });

  it('asks for nothing where there was no query', () => {
    assert.match(explain(bad, evidence({ query: '' })).mend[0] ?? '', / QUERY_STRING= \.\/form\.pl$/);
  });
});

describe('the explanation of a bad header line', () => {
  const malformed = (output: string, line: number) =>
    explain({ kind: 'headerMalformed', line, reason: 'the line has no colon' }, evidence({ output }));

  it('says when the page begins without a header', () => {
    assert.match(malformed('<html>\n', 1).why, /^The page begins there, without any header/);
  });

  it('says when the empty line is missing', () => {
    assert.match(malformed('Content-Type: text/html\n<html>\n', 2).why, /^The page begins there: the empty line/);
  });

  it('says when the output of a child overtook the header', () => {
    const explanation = malformed('total 4\nContent-Type: text/html\n\n', 1);
    assert.match(explanation.why, /comes later in the output/);
    assert.match(explanation.mend[0] ?? '', /^\$\| = 1;/);
  });

  it('says when a byte order mark stands before it', () => {
    assert.match(malformed('\xef\xbb\xbfContent-Type: text/html\n\n', 1).why, /^A byte order mark/);
  });

  it('says when a status line needs the nph- prefix', () => {
    const { why, mend } = malformed('HTTP/1.0 200 OK\nContent-Type: text/html\n\n', 1);
    assert.match(why, /nph-/);
    assert.match(mend[0] ?? '', /"\/cgi-bin\/form\.pl": \{ nph: true \}/);
    assert.equal(mend[1], 'mv /site/cgi-bin/form.pl /site/cgi-bin/nph-form.pl');
  });

  it('shows the lines around it', () => {
    const output = Array.from({ length: 40 }, (_, index) => `X-${index + 1}: y`).join('\r\n');
    const { excerpt } = malformed(output, 20);
    assert.equal(excerpt?.firstLine, 14);
    assert.equal(excerpt.lines.length, 13);
    assert.equal(excerpt.lines[6], 'X-20: y');
  });
});
