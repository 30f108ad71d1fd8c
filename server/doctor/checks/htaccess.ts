// Which directives of .htaccess have no effect here, and what takes their place?
import { textOfBytes } from '../../config/byte-string.ts';
import { configuration } from '../../diagnosis/refinement.ts';
import { shellQuote } from '../../diagnosis/shell-quote.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import { parseHtaccess } from '../../site/htaccess.ts';
import type { Observation } from '../finding.ts';
import type { SiteFile, Survey } from '../survey.ts';

interface Advice {
  readonly names: RegExp;
  readonly title: string;
  readonly why: string;
  /** Gets the URL of the folder, with its slash. */
  readonly mend: (folder: string) => readonly string[];
}

const ADVICE: readonly Advice[] = [
  {
    names: /^(auth\w*|require|satisfy)$/,
    title: 'Nobody is asked for the password of a .htaccess',
    why: 'What Apache kept for a few is open to all who reach this server.',
    mend: (folder) => [configuration('site:', `  deny: [${JSON.stringify(`${folder}**`)}]   # closes it to everybody`)],
  },
  {
    names: /^(order|allow|deny|<files>|<filesmatch>|<limit>|<limitexcept>)$/,
    title: 'Rules of a .htaccess for some files, methods or addresses have no effect here',
    why: 'Only a folder that is closed to everybody is closed here; rules for some files, methods or addresses are not.',
    mend: (folder) => [configuration('site:', `  deny: [${JSON.stringify(`${folder}*.inc`)}]`)],
  },
  {
    names: /^(addhandler|sethandler|addtype|options|scriptinterpretersource|action)$/,
    title: 'Handlers, types and options of a .htaccess have no effect here',
    why: 'Which files are scripts is said in the configuration.',
    mend: () => [configuration('cgi:', '  addHandler: [.cgi, .pl, .py, .sh]')],
  },
  {
    names: /^(scriptalias\w*|alias\w*)$/,
    title: 'Aliases of a .htaccess have no effect here',
    why: 'Which URLs lead to which folder is said in the configuration.',
    mend: () => [configuration('cgi:', '  scriptAlias: { /cgi-bin/: cgi-bin }')],
  },
  {
    names: /^directoryindex$/,
    title: 'The directory index of a .htaccess has no effect here',
    why: 'Which file answers for a folder is said in the configuration.',
    mend: () => [configuration('site:', '  directoryIndex: [index.html, index.cgi]')],
  },
  {
    names: /^(adddefaultcharset|addcharset)$/,
    title: 'The charset of a .htaccess has no effect here',
    why: 'A charset is declared in the configuration.',
    mend: (folder) => [configuration('site:', `  charset: { ${JSON.stringify(folder)}: ISO-8859-1 }`)],
  },
  {
    names: /^(setenv|passenv|unsetenv|setenvif\w*)$/,
    title: 'Variables of a .htaccess are not set here',
    why: 'Variables of scripts are set in the configuration.',
    mend: () => [configuration('cgi:', '  environment: { NAME: value }')],
  },
  {
    names: /^header$/,
    title: 'Header fields of a .htaccess are not sent here',
    why: 'Header fields of answers are set in the configuration.',
    mend: () => [configuration('site:', '  headers: { X-Frame-Options: DENY }')],
  },
];
const OTHER =
  'cgibox honours a folder closed to everybody ("Deny from all", "Require all denied") and nothing else of .htaccess: redirects, rewriting and error pages are not carried out.';

export function checkHtaccess({ htaccess, roots }: Survey): readonly Observation[] {
  const { folder } = roots.documentRoot;
  return htaccess.flatMap((file) => {
    const name = file.file.slice(0, -'.htaccess'.length);
    const url = name.startsWith(`${folder}/`) ? textOfBytes(name.slice(folder.length)) : '/';
    return parseHtaccess(file.text).ignored.map((directive) => observation(directive, file, url));
  });
}

function observation(name: string, { file, text }: SiteFile, folder: string): Observation {
  const advice = ADVICE.find(({ names }) => names.test(name));
  const place = { file, line: lineOf(name, text) };
  const shared = { id: 'htaccess-ignored', severity: 'warning' as const, place };
  if (advice !== undefined) {
    const { title, why, mend } = advice;
    // One for each folder where the folder stands in the mend.
    return { ...shared, key: `${title} ${mend(folder).join()}`, title, why, mend: () => mend(folder) };
  }
  return {
    ...shared,
    title: `${visibleLine(name, 80)} in .htaccess has no effect here`,
    why: OTHER,
    mend: (files) => [`grep -inF -e ${shellQuote(name.replace(/>$/, ''))} ${files}`],
  };
}

function lineOf(name: string, text: string): number | undefined {
  const word = name.replace(/>$/, '');
  const index = text.split(/\r?\n|\r/).findIndex((line) => line.trim().toLowerCase().startsWith(word));
  return index < 0 ? undefined : index + 1;
}
