// Where do symbolic links lead? (site.followSymlinks)
import { textOfBytes } from '../../config/byte-string.ts';
import { configuration } from '../../diagnosis/refinement.ts';
import { visibleLine } from '../../diagnosis/visible-text.ts';
import { type Observation, relativeTo } from '../finding.ts';
import { isFollowed, type Survey } from '../survey.ts';
import type { WalkedEntry } from '../walk.ts';

export function checkSymbolicLinks(survey: Survey): readonly Observation[] {
  return survey.oddEntries.filter(({ isLink }) => isLink).flatMap((entry) => problemOf(entry, survey));
}

function problemOf(entry: WalkedEntry, survey: Survey): readonly Observation[] {
  const { file, target } = entry;
  const place = { file, line: undefined };
  if (target === undefined) {
    return [
      {
        id: 'link-dangling',
        severity: 'warning',
        title: 'A symbolic link leads nowhere',
        why: 'What it names is not there, so that its URL is answered with 404. Perhaps its target was not copied from the old server.',
        place,
        mend: (files) => [`ls -l ${files}`],
      },
    ];
  }
  if (isFollowed(entry, survey)) return [];
  const policy = survey.config.site.followSymlinks;
  return [
    {
      id: 'link-outside',
      severity: 'warning',
      title:
        policy === 'never'
          ? 'A symbolic link is not followed'
          : `A symbolic link leads out of the site, to ${visibleLine(relativeTo(target, survey.root), 200)}`,
      why:
        policy === 'never'
          ? 'site.followSymlinks is never: its URL is answered with 403.'
          : `Its target ${visibleLine(textOfBytes(target), 200)} lies in no folder that is served, so that its URL is answered with 403.`,
      place,
      mend: (files) => [
        `cp --remove-destination "$(readlink -f ${files})" ${files}   # or:`,
        configuration('site:', '  followSymlinks: anywhere'),
      ],
    },
  ];
}
