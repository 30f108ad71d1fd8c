// The process that counts findings for the report of the start (start-findings.ts): a question on stdin, one text on stdout.
import { text } from 'node:stream/consumers';
import type { Environment } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import { examineSite } from '../doctor/examine.ts';
import { countsText } from '../doctor/report.ts';

export interface FindingsQuestion {
  readonly config: Config;
  readonly configFile: string;
  readonly environment: Environment;
}

/** As many as the list of scripts looks at. */
const MAX_ENTRIES = 5000;

const question = JSON.parse(await text(process.stdin)) as FindingsQuestion;
const { findings } = await examineSite({ ...question, compiles: 'none', maxEntries: MAX_ENTRIES });
process.stdout.write(`${countsText(findings)}\n`);
