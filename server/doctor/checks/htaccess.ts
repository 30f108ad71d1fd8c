// Which directives of .htaccess have no effect here, and what takes their place?
import { configuration } from '../../diagnosis/refinement.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import { parseHtaccess } from '../../site/htaccess.ts';
import type { Observation } from '../finding.ts';
import type { SiteFile, Survey } from '../survey.ts';

interface Advice {
  readonly names: RegExp;
  readonly why: string;
  readonly mend: readonly string[];
}

const ADVICE: readonly Advice[] = [
  {
    names: /^(auth\w*|require|satisfy)$/,
    why: 'Nobody is asked for a password: what Apache kept for a few is open to all who reach this server.',
    mend: [configuration('site:', '  deny: [/members/**]   # until then')],
  },
  {
    names: /^(order|allow|deny|<files>|<filesmatch>|<limit>|<limitexcept>)$/,
    why: 'Only a folder that is closed to everybody is closed here; rules for some files, methods or addresses are not.',
    mend: [configuration('site:', "  deny: ['/data/**', '/**/*.inc']")],
  },
  {
    names: /^(addhandler|sethandler|addtype|options|scriptinterpretersource|action)$/,
    why: 'Which files are scripts is said in the configuration.',
    mend: [configuration('cgi:', '  addHandler: [.cgi, .pl, .py, .sh]')],
  },
  {
    names: /^(scriptalias\w*|alias\w*)$/,
    why: 'Which URLs lead to which folder is said in the configuration.',
    mend: [configuration('cgi:', '  scriptAlias: { /cgi-bin/: cgi-bin }')],
  },
  {
    names: /^directoryindex$/,
    why: 'Which file answers for a folder is said in the configuration.',
    mend: [configuration('site:', '  directoryIndex: [index.html, index.cgi]')],
  },
  {
    names: /^(adddefaultcharset|addcharset)$/,
    why: 'A charset is declared in the configuration.',
    mend: [configuration('site:', '  charset: { "/": ISO-8859-1 }')],
  },
  {
    names: /^(setenv|passenv|unsetenv|setenvif\w*)$/,
    why: 'Variables of scripts are set in the configuration.',
    mend: [configuration('cgi:', '  environment: { NAME: value }')],
  },
  {
    names: /^header$/,
    why: 'Header fields of answers are set in the configuration.',
    mend: [configuration('site:', '  headers: { X-Frame-Options: DENY }')],
  },
];
const OTHER: Advice = {
  names: /./,
  why: 'cgibox honours a folder closed to everybody ("Deny from all", "Require all denied") and nothing else of .htaccess: redirects, rewriting and error pages are not carried out.',
  mend: [],
};

export function checkHtaccess({ htaccess }: Survey): readonly Observation[] {
  return htaccess.flatMap((file) => parseHtaccess(file.text).ignored.map((name) => observation(name, file)));
}

function observation(name: string, { file, text }: SiteFile): Observation {
  const { why, mend } = ADVICE.find(({ names }) => names.test(name)) ?? OTHER;
  const shown = visibleLine(name, 80);
  return {
    id: 'htaccess-ignored',
    severity: 'warning',
    title: `${shown} in .htaccess has no effect here`,
    why,
    place: { file, line: lineOf(name, text) },
    mend: (files) => (mend.length > 0 ? mend : [`grep -inF -e ${shellQuote(name.replace(/>$/, ''))} ${files}`]),
  };
}

function lineOf(name: string, text: string): number | undefined {
  const word = name.replace(/>$/, '');
  const index = text.split(/\r?\n|\r/).findIndex((line) => line.trim().toLowerCase().startsWith(word));
  return index < 0 ? undefined : index + 1;
}
