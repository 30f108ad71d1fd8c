// Reads a .htaccess for the one thing that is honoured: a folder closed to everybody.
// Where Apache's own evaluation would need more than the file itself, the answer is "closed": showing is what cannot be undone.
import type { ByteString } from '../config/byte-string.ts';

export interface Htaccess {
  /** Nobody may GET what lies in the folder. */
  readonly denies: boolean;
  /** Names of directives and sections that have no effect here, each once, in order, in small letters. */
  readonly ignored: readonly string[];
}

interface Section {
  readonly name: string;
  readonly argument: string;
}

// Sections whose contents hold for the folder wherever the modules they ask for are loaded, or that only group.
const TRANSPARENT = new Set([
  'ifmodule',
  'ifversion',
  'ifdefine',
  'ifdirective',
  'iffile',
  'ifsection',
  'requireall',
  'requireany',
  'requirenone',
]);
const ACCESS = new Set(['order', 'allow', 'deny', 'require', 'satisfy']);

export function parseHtaccess(text: ByteString): Htaccess {
  const sections: Section[] = [];
  const ignored = new Set<string>();
  const access: { denies: boolean; allows: boolean; deniesByDefault: boolean } = {
    denies: false,
    allows: false,
    deniesByDefault: false,
  };
  for (const line of linesOf(text)) {
    const [word = '', ...rest] = line.split(/\s+/);
    const name = word.toLowerCase();
    const argument = rest.join(' ').toLowerCase().replaceAll('"', '');
    if (name.startsWith('</')) {
      sections.pop();
    } else if (name.startsWith('<')) {
      sections.push({ name: name.slice(1).replace(/>$/, ''), argument: argument.replace(/>$/, '') });
      if (!isHonoured(sections)) ignored.add(name.replace(/>?$/, '>'));
    } else if (!isHonoured(sections)) {
      // Its section is named already.
    } else if (!ACCESS.has(name)) {
      ignored.add(name);
    } else if (name === 'deny' && /^from\b.*\ball\b/.test(argument)) {
      access.denies = true;
    } else if (name === 'allow') {
      access.allows = true;
    } else if (name === 'order') {
      access.deniesByDefault = argument.replaceAll(' ', '') !== 'deny,allow';
    } else if (name === 'require' && argument === requireThatDenies(sections)) {
      access.denies = true;
    } else if (!isSatisfied(name, argument)) {
      ignored.add(name);
    }
  }
  return { denies: access.denies || (access.deniesByDefault && !access.allows), ignored: [...ignored] };
}

/** Lines without comments and continuations; a line ends in LF, CR LF or CR. */
function linesOf(text: ByteString): readonly string[] {
  return text
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .replace(/\\(?:\r\n|\r|\n)/g, ' ')
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** `<Limit GET>` closes the folder, `<Limit PUT DELETE>` (every FrontPage site) does not, `<Files>` only closes files. */
function isHonoured(sections: readonly Section[]): boolean {
  return sections.every(({ name, argument }) => {
    if (name === 'limit') return /\bget\b/.test(argument);
    if (name === 'limitexcept') return !/\bget\b/.test(argument);
    // <If>: a condition about the request. What it may close is closed.
    return TRANSPARENT.has(name) || name === 'if' || name === 'elseif' || name === 'else';
  });
}

function requireThatDenies(sections: readonly Section[]): string {
  return sections.some(({ name }) => name === 'requirenone') ? 'all granted' : 'all denied';
}

/** What the directive asks for is so without it. */
function isSatisfied(name: string, argument: string): boolean {
  return name === 'require' && (argument === 'all granted' || argument === 'all denied');
}
