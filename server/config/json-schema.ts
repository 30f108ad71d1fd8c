// The configuration as JSON Schema draft-07, for completion in editors: config/cgibox.schema.json.
// Generated from the zod schema; a test keeps the file in step.
import { z } from 'zod';
import { Config } from './schema.ts';

/** The text of config/cgibox.schema.json, with its line end. */
export function jsonSchemaText(): string {
  const schema = z.toJSONSchema(Config, { target: 'draft-7', io: 'input' });
  const described = { ...schema, title: 'cgibox', description: 'Configuration of cgibox (cgibox.yaml)' };
  return `${JSON.stringify(described, null, 2)}\n`;
}
