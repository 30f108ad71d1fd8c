// "Save as smoke test": what the API answers. The test itself is made by the one who knows plans (InspectedSite.smokeTests).
import { z } from 'zod';
import type { HistoryEntry } from '../exchange/history.ts';
import { type Answer, json, problem } from './answers.ts';
import type { InspectedSite } from './inspected-site.ts';
import { secretNames } from './secrets.ts';

/** The body of a POST; without a name the test is called after what is asked. */
const Saving = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9_][\w.-]{0,99}$/,
      'must be a file name of letters, digits, "-", "_" and ".", for example guestbook',
    )
    .transform((name) => name.replace(/\.ya?ml$/i, ''))
    .optional(),
});

export async function smokeTextAnswer(
  site: InspectedSite,
  entries: readonly HistoryEntry[],
  isRevealed: boolean,
): Promise<Answer> {
  const isSecret = secretNames(site.config().inspector.mask, isRevealed);
  const made = await site.smokeTests.asText(entries, isSecret);
  return made.kind === 'refused' ? problem(409, made.reason) : { kind: 'text', text: made.text };
}

export async function smokeSavedAnswer(
  site: InspectedSite,
  entries: readonly HistoryEntry[],
  body: unknown,
): Promise<Answer> {
  const made = await site.smokeTests.save(entries, Saving.parse(body ?? {}).name);
  if (made.kind === 'refused') return problem(409, made.reason);
  const { kind, ...saved } = made;
  return json(saved, 201);
}
