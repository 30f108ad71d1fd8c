// A script without its mail program, in the words of FormMail and of interpreters.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from '../../server/diagnosis/explain.ts';

const told = (stderr: string, source?: string) =>
  explain(
    { kind: 'noOutput', exit: { kind: 'exited', code: 2 } },
    { scriptFile: '/site/cgi-bin/formmail.pl', scriptName: '/cgi-bin/formmail.pl', stderr, output: '', source },
  );

describe('a mail program that is not here', () => {
  for (const stderr of [
    "Can't open /usr/local/lib/sendmail!\n",
    'Cannot open /usr/local/lib/sendmail -t at formmail.pl line 3.\n',
    'could not open pipe to /usr/local/lib/sendmail: No such file or directory at x.pl line 3.\n',
    `Can't exec "/usr/local/lib/sendmail": No such file or directory at x.pl line 3.\nx at x.pl line 4.\n`,
    'sh: 1: /usr/local/lib/sendmail: not found\n',
    './b.sh: line 2: /usr/local/lib/sendmail: No such file or directory\n',
    "Traceback\nFileNotFoundError: [Errno 2] No such file or directory: '/usr/local/lib/sendmail'\n",
  ]) {
    it(`is known from ${JSON.stringify(stderr.slice(0, 60))}`, () => {
      const { title, why, mend, refinedBy } = told(stderr);
      assert.equal(refinedBy, 'sendmailMissing');
      assert.equal(title, 'The mail program /usr/local/lib/sendmail is not here');
      assert.match(why, /^The script hands its mail to it\. .*stand-in/);
      assert.deepEqual(mend, ["sed -i 's|/usr/local/lib/sendmail|/usr/sbin/sendmail|g' /site/cgi-bin/formmail.pl"]);
    });
  }

  it('is in the image at its usual places', () => {
    const { mend } = told("Can't open /usr/lib/sendmail!\n");
    assert.deepEqual(mend, ['SITE=. docker compose up   # the image has it there']);
  });

  for (const stderr of [
    "Can't open sendmail: No such file or directory at formmail.pl line 2.\n",
    'Cannot open mail program: No such file or directory at /site/cgi-bin/formmail.pl line 2.\n',
    'Could not open pipe to sendmail!\n',
    'Unable to run the mailprog\n',
  ]) {
    it(`is known by the source from ${JSON.stringify(stderr.slice(0, 60))}`, () => {
      const source = "#!/usr/bin/perl\n$mailprog = '/usr/local/lib/sendmail'; # was /usr/lib/sendmail\n";
      const { title, mend } = told(stderr, source);
      assert.equal(title, 'The mail program /usr/local/lib/sendmail is not here');
      assert.deepEqual(mend, ["sed -i 's|/usr/local/lib/sendmail|/usr/sbin/sendmail|g' /site/cgi-bin/formmail.pl"]);
      assert.equal(told(stderr).title, 'The mail program of the script is not here');
    });
  }

  for (const stderr of [
    "Can't open sendmail.log: No such file or directory at x.pl line 3.\n",
    "Can't open mail program: Permission denied at x.pl line 3.\n",
    "Can't open /usr/sbin/sendmail: Permission denied at x.pl line 3.\n",
    "Can't open /site/sendmail/book.txt!\n",
    'sendmail: fatal: no recipients\n',
    "Can't locate Mail/Sendmail.pm in @INC (you may need to install it)\n",
  ]) {
    it(`is not what is wrong in ${JSON.stringify(stderr.slice(0, 60))}`, () => {
      assert.notEqual(told(stderr).refinedBy, 'sendmailMissing');
    });
  }
});
