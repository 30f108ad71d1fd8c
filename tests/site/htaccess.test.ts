// What of a .htaccess closes its folder, and what is only named in a warning.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseHtaccess } from '../../server/site/htaccess.ts';

describe('.htaccess that closes its folder', () => {
  const closing = [
    'Deny from all',
    'deny FROM All',
    '  order deny,allow\r\n\tdeny   from all\r\n',
    'Order allow,deny\rDeny from all\r',
    'Order allow,deny',
    'Order Deny,Allow\nDeny from all\nAllow from 127.0.0.1',
    'Require all denied',
    'require ALL "denied"',
    'Deny \\\n from all',
    '\u00ef\u00bb\u00bfDeny from all',
    '<IfModule mod_authz_core.c>\nRequire all denied\n</IfModule>',
    '<IfModule !mod_authz_core.c>\nDeny from all\n</IfModule>',
    '<RequireAll>\nRequire all denied\n</RequireAll>',
    '<RequireNone>\nRequire all granted\n</RequireNone>',
    '<Limit GET POST>\ndeny from all\n</Limit>',
    '<LimitExcept POST>\ndeny from all\n</LimitExcept>',
    '<Files x>\nAllow from all\n</Files>\nDeny from all',
  ];
  for (const text of closing) {
    it(JSON.stringify(text), () => assert.equal(parseHtaccess(text).denies, true));
  }
});

describe('.htaccess that leaves its folder open', () => {
  const open: readonly [text: string, ignored: readonly string[]][] = [
    ['', []],
    ['# Deny from all\n\n  #x', []],
    ['Require all granted', []],
    ['Order allow,deny\nAllow from all', []],
    ['Order deny,allow', []],
    ['Deny from 10.0.0.1', ['deny']],
    ['Denyfrom all', ['denyfrom']],
    ['Require valid-user\nAuthType Basic\nauthtype Basic', ['require', 'authtype']],
    ['<Files "members.dat">\nDeny from all\n</Files>', ['<files>']],
    ['<FilesMatch "\\.dat$">\nRequire all denied\n</FilesMatch>\nOptions +ExecCGI', ['<filesmatch>', 'options']],
    ['<Limit PUT DELETE>\ndeny from all\n</Limit>', ['<limit>']],
    ['<LimitExcept GET POST>\ndeny from all\n</LimitExcept>', ['<limitexcept>']],
    ['<RequireNone>\nRequire all denied\n</RequireNone>', []],
    ['</Files>\n</Files>\n<>\n<Files', ['<>', '<files>']],
  ];
  for (const [text, ignored] of open) {
    it(JSON.stringify(text), () => assert.deepEqual(parseHtaccess(text), { denies: false, ignored }));
  }
});
