// May this user run and read what URLs lead to (access(2)), and is it read here?
import type { ByteString } from '../../config/byte-string.ts';
import { hasShebang } from '../../site/file-names.ts';
import type { Observation } from '../finding.ts';
import type { Source } from '../source.ts';
import type { Survey } from '../survey.ts';
import { severityOf } from './shebang-line.ts';

/** A script that its extension gives to an interpreter needs no execute bit here. */
export function checkExecuteBit({ file, text, script }: Source, { config }: Survey): readonly Observation[] {
  if (script === undefined || script.place.isExecutable || !hasShebang(text.slice(0, 8))) return [];
  return [
    {
      id: 'not-executable',
      severity: severityOf('notExecutable', config.cgi.tolerate),
      title: 'The script has no execute bit',
      why: 'It is often lost in a zip file, an upload by FTP or a checkout on Windows. Apache and most other servers then answer with an error.',
      place: { file, line: undefined },
      mend: (files) => [`chmod +x ${files}`],
    },
  ];
}

export function checkReadable({ oddEntries }: Survey): readonly Observation[] {
  return oddEntries
    .filter(({ isReadable, isLink }) => !isReadable && !isLink)
    .map(({ file, kind }) => unreadable(file, kind !== 'file'));
}

/** What is not read is said: nothing is known of it. */
export function checkLength({ tooLong }: Survey): readonly Observation[] {
  return tooLong.map((file) => ({
    id: 'file-too-long',
    severity: 'note',
    title: 'A file is too long to be examined',
    why: 'doctor reads scripts and pages of up to 2 MiB.',
    place: { file, line: undefined },
    mend: (files) => [`ls -l ${files}`],
  }));
}

function unreadable(file: ByteString, isFolder: boolean): Observation {
  return {
    id: isFolder ? 'folder-unreadable' : 'file-unreadable',
    severity: 'error',
    title: isFolder ? 'A folder may not be entered by this user' : 'A file may not be read by this user',
    why: `${isFolder ? 'What lies in it' : 'It'} is answered with 403, and a script of it does not run. This user is the one that runs doctor: let it be the one that serves.`,
    place: { file, line: undefined },
    mend: (files) => [`chmod a+r${isFolder ? 'x' : ''} ${files}`],
  };
}
