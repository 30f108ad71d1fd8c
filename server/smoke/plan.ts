// The language of smoke plans: a list of requests, each with what is expected of its answer (PRODUCT.md section 9).
// The zod schema is the type, the reference, and the source of config/smoke.schema.json (a test keeps that in step).
import { z } from 'zod';
import { schemaKeysAt } from '../config/schema-path.ts';
import { isSelector } from './html-select.ts';
import { isJsonPath } from './json-path.ts';
import { hasKnownFlags, isPattern } from './pattern.ts';
import { writtenCall } from './written-call.ts';

/** Short forms, by schema: what a person may write in the place of the whole mapping. For the JSON Schema. */
const SHORT_FORMS = new WeakMap<object, object>();

/** A mapping that may also be written short: `expand` makes the long form of it, and leaves everything else alone. */
function orShort<Schema extends z.ZodType>(schema: Schema, short: object, expand: (value: unknown) => unknown) {
  const whole = z.preprocess(expand, schema);
  SHORT_FORMS.set(whole, short);
  return whole;
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
const asList = (value: unknown): unknown => (isScalar(value) ? [value] : value);
const SCALAR = { type: ['string', 'number', 'boolean'] };
const TEXT = { type: 'string' };

const Scalar = z
  .union([z.string(), z.number(), z.boolean()], { error: 'must be text, for example "yes"' })
  .transform(String);
const Texts = orShort(z.array(Scalar).min(1), SCALAR, asList);
const Fields = z.record(z.string().min(1), Texts);
const Pattern = z
  .string()
  .min(1)
  .refine(isPattern, 'must be a regular expression, for example "id=[0-9]+"')
  .refine(hasKnownFlags, 'must have no other flags than i, m, s and u, for example "/a/i", or "[/]a/b" for a path');
const Patterns = orShort(z.array(Pattern).min(1), TEXT, asList);
const Selector = z.string().min(1).refine(isSelector, 'must be a CSS selector, for example "ul > li"');
const JsonPath = z.string().min(1).refine(isJsonPath, 'must be a path into JSON, for example "$.items[0].name"');
const Name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name of letters, digits and "_", for example user_id');
const Tag = z.string().regex(/^[\w.-]+$/, 'must be a word, for example slow');
const Variables = z.record(Name, Scalar);

const matching = {
  equals: Scalar.optional().describe('The whole text.'),
  contains: Texts.optional().describe('Text, or a list of texts, each of which is in it.'),
  matches: Patterns.optional().describe('Regular expression, or a list of them; /…/i for flags.'),
};
const Not = orShort(z.strictObject(matching), SCALAR, (value) => (isScalar(value) ? { contains: value } : value));
const match = { ...matching, not: Not.optional().describe('What is not the case; text alone: is not in it.') };

const absent = z.literal(true).optional().describe('There is no such thing.');
const Match = z.strictObject({ ...match, absent });
export type Match = z.infer<typeof Match>;

const HeaderMatch = orShort(Match, SCALAR, (value) => (isScalar(value) ? { equals: value } : value));
const TextMatch = orShort(z.strictObject(match), SCALAR, expandText);
/** "" alone means: nothing at all. */
function expandText(value: unknown): unknown {
  if (value === '') return { equals: '' };
  return isScalar(value) ? { contains: value } : value;
}

const HtmlMatch = orShort(
  z.strictObject({
    ...match,
    count: z.int().min(0).optional().describe('How many elements there are; at least one unless said.'),
    attribute: z.string().min(1).optional().describe('Look at this attribute of the first, not at its text.'),
  }),
  SCALAR,
  (value) => (typeof value === 'number' ? { count: value } : expandText(value)),
);

const GOLDEN = 'must be true or the name of a file in the folder of the plan, for example form.html';
const Body = orShort(
  z.strictObject({
    ...match,
    golden: z
      .union([z.literal(true), z.string().regex(/^[^/\\.][^/\\]*$/, GOLDEN)], {
        error: GOLDEN,
      })
      .optional()
      .describe('Equals a file in the folder PLAN.golden beside the plan; true: named after the request.'),
    json: z
      .record(JsonPath, z.unknown())
      .optional()
      .describe('Path, for example $.items[0].name → the value, or a mapping of equals, contains, matches, not.'),
    html: z
      .record(Selector, HtmlMatch)
      .optional()
      .describe('CSS selector → text that its first element contains, or their number.'),
  }),
  SCALAR,
  expandText,
);
export type Body = z.infer<typeof Body>;

const Mail = z.strictObject({
  from: TextMatch.optional(),
  to: TextMatch.optional(),
  subject: TextMatch.optional(),
  text: TextMatch.optional(),
});
export type MailMatch = z.infer<typeof Mail>;

const STATUS = 'must be a status or a class of them, for example 200 or 2xx';
const Status = z
  .union([z.int().min(100).max(599), z.string().regex(/^[1-5](?:xx|\d\d)$/, STATUS)], {
    error: STATUS,
  })
  .transform(String);

const Duration = z
  .string()
  .regex(/^\d+(?:\.\d+)?(?:ms|s)$/, 'must be a time with its unit, for example 500ms or 2s')
  .transform((text) => Number.parseFloat(text) * (text.endsWith('ms') ? 1 : 1000));

const Expect = z.strictObject({
  status: orShort(z.array(Status).min(1), { type: ['integer', 'string'] }, asList)
    .optional()
    .describe('200, 2xx, or a list of them.'),
  header: z.record(z.string().min(1), HeaderMatch).optional().describe('Field → its value; {absent: true}: not there.'),
  body: Body.optional().describe('Text alone: is in it.'),
  stderr: TextMatch.optional().describe('What the script writes to stderr; "" for nothing.'),
  mail: orShort(z.array(Mail), { type: 'object' }, (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? [value] : value,
  )
    .optional()
    .describe('Mail that the script sends, each in any order; []: none.'),
  time: Duration.optional().describe('Longest time of the whole answer, for example 500ms.'),
});
export type Expect = z.infer<typeof Expect>;

const File = orShort(
  z.strictObject({
    path: z.string().min(1).describe('Relative to the plan.'),
    name: z.string().optional().describe('File name that is sent; that of the path unless said.'),
    type: z.string().min(1).default('application/octet-stream'),
  }),
  TEXT,
  (value) => (typeof value === 'string' ? { path: value } : value),
);

/** A token (RFC 9110 §9.1). */
export const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const Call = orShort(
  z
    .strictObject({
      method: z
        .string()
        .regex(METHOD, 'must be a method, for example POST')
        .default('GET')
        .describe('GET unless said; POST where there is a body.'),
      path: z.string().regex(/^(?:\/|\{\{)/, 'must begin with "/", for example "/cgi-bin/form.pl"'),
      query: Fields.optional().describe('Fields of the query; a list for a field that is repeated.'),
      form: Fields.optional().describe('Fields of a form, in the body.'),
      files: z.record(z.string().min(1), File).optional().describe('Files of a form: the body is multipart/form-data.'),
      json: z.unknown().optional().describe('The body, as JSON.'),
      body: z
        .union([z.string(), z.strictObject({ file: z.string().min(1) })], { error: 'must be text or {file: path}' })
        .optional()
        .describe('The body as it is, or the file that holds it.'),
      headers: z.record(z.string().min(1), Scalar).optional(),
      cookies: z
        .union([z.boolean(), z.record(z.string().min(1), Scalar)], { error: 'must be false or a map of cookies' })
        .default(true)
        .describe('false: neither sent nor kept; a map: sent too. Else cookies are kept from request to request.'),
    })
    .superRefine(checkBody),
  TEXT,
  writtenCall,
);
export type Call = z.infer<typeof Call>;

function checkBody(
  call: { form?: unknown; json?: unknown; body?: unknown; files?: unknown },
  at: z.RefinementCtx,
): void {
  const kinds = [call.form === undefined ? 'files' : 'form', 'json', 'body'] as const;
  const [first, second] = kinds.filter((kind) => call[kind] !== undefined);
  if (second === undefined) return;
  const message = `is a second body beside ${first}: leave one of them out`;
  at.addIssue({ code: 'custom', path: [second], message });
}

const Capture = orShort(
  z.strictObject({
    matches: Pattern.optional().describe('Regular expression for the body or header; its first group is taken.'),
    header: z.string().min(1).optional(),
    cookie: z.string().min(1).optional(),
    json: JsonPath.optional(),
    html: Selector.optional().describe('CSS selector: the text of its first element.'),
    attribute: z.string().min(1).optional().describe('With html: the attribute, not the text.'),
  }),
  TEXT,
  (value) => (typeof value === 'string' ? { matches: value } : value),
);
export type Capture = z.infer<typeof Capture>;

const Retry = orShort(
  z.strictObject({
    times: z.int().min(0).max(100),
    waitSeconds: z.number().min(0).max(600).default(1),
  }),
  { type: 'integer' },
  (value) => (typeof value === 'number' ? { times: value } : value),
);

const Environment = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a variable name, for example REMOTE_USER'),
  Scalar,
);

const Request = z
  .strictObject({
    name: z.string().min(1).optional().describe('What is tested, in words.'),
    request: Call,
    expect: Expect.optional().describe('Without it: a status below 500, and no error on stderr.'),
    capture: z
      .record(Name, Capture)
      .optional()
      .describe('Name → where its value is found, for {{name}} in what follows.'),
    env: Environment.optional().describe('Variables for the script.'),
    retry: Retry.optional().describe('How often it is asked again until it is as expected.'),
    skip: z.string().min(1).optional().describe('Why it is not run.'),
    tags: orShort(z.array(Tag), TEXT, asList).optional(),
  })
  .meta({ id: 'Request' });
export type PlanRequest = z.infer<typeof Request>;

export const REDACTIONS = ['date', 'time', 'timestamp', 'uuid', 'ip', 'port', 'hex', 'number'] as const;
const Redaction = z.union(
  [
    z.enum(REDACTIONS),
    z.strictObject({ pattern: Pattern, as: z.string().default('[…]') }).describe('What differs from run to run.'),
  ],
  { error: `must be one of ${REDACTIONS.join(', ')}, or {pattern: …, as: …}` },
);
export type Redaction = z.infer<typeof Redaction>;

const Requests = z.array(Request).min(1, 'must hold one request at least');

/** A plan; a list of requests alone is one too. */
export const Plan = orShort(
  z.strictObject({
    name: z.string().min(1).optional(),
    variables: Variables.optional().describe('Name → text for {{name}}.'),
    data: z.array(Variables).min(1).optional().describe('Rows of variables: the requests are run once for each.'),
    redact: orShort(z.array(Redaction), { type: 'string', enum: REDACTIONS }, asList)
      .optional()
      .describe('What is replaced in bodies before they are compared with golden files; a pattern may hold {{name}}.'),
    env: Environment.optional().describe('Variables for the scripts of all requests.'),
    tags: orShort(z.array(Tag), TEXT, asList).optional(),
    requests: Requests,
  }),
  { type: 'array', items: { $ref: '#/definitions/Request' } },
  (value) => (Array.isArray(value) ? { requests: value } : value),
);
export type Plan = z.infer<typeof Plan>;

/** The keys that may stand at a path of a plan, for "did you mean". */
export function planKeysAt(path: readonly PropertyKey[]): readonly string[] {
  return schemaKeysAt(Plan, path);
}

/** The text of config/smoke.schema.json, with its line end. */
export function planSchemaText(): string {
  const schema = z.toJSONSchema(Plan, {
    target: 'draft-7',
    io: 'input',
    reused: 'ref',
    override: ({ zodSchema, jsonSchema }) => {
      const short = SHORT_FORMS.get(zodSchema);
      if (short === undefined) return;
      const { description, $schema, definitions, ...long } = jsonSchema;
      for (const key of Object.keys(long)) delete jsonSchema[key];
      Object.assign(jsonSchema, { anyOf: [long, short] });
    },
  });
  const described = { ...schema, title: 'cgibox smoke', description: 'Smoke plan of cgibox (tests/smoke/*.yaml)' };
  return `${JSON.stringify(described, null, 2)}\n`;
}
