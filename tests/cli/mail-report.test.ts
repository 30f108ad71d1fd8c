import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { mailReport } from '../../server/cli/mail-report.ts';
import { Config } from '../../server/config/schema.ts';
import { startMail } from '../../server/mail/smtp.ts';
import { temporaryFolder } from '../support/start-site.ts';

const config = Config.parse({ site: { root: '/' }, mail: { smtpPorts: [0] } });

describe('the line of the start about mail', () => {
  it('says that there is no sendmail, so that the script will not find it', async (t) => {
    const mail = await startMail(config, { warn: assert.fail });
    t.after(() => mail.stop());
    const path = join(await temporaryFolder(t), 'sendmail');
    const line = mailReport(mail, [path]);
    assert.match(
      line,
      /^ {2}mail {11}SMTP on 127\.0\.0\.1:\d+; no \/.*\/sendmail here \(README, "Mail", puts one there\)$/,
    );
  });

  it('tells the stand-in from a program that really sends', async (t) => {
    const mail = await startMail(config, { warn: assert.fail });
    t.after(() => mail.stop());
    const path = join(await temporaryFolder(t), 'sendmail');
    writeFileSync(path, '#!/bin/sh\nexec "node" "server/main.ts" sendmail "$@"\n');
    assert.match(mailReport(mail, [path, '/nowhere']), /; sendmail$/);
    writeFileSync(path, '\x7fELF exim');
    assert.match(mailReport(mail, ['/nowhere', path]), /sendmail is not cgibox's: mail given to it is really sent$/);
  });
});
