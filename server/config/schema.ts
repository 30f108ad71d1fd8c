// The configuration: type, default, unit and reference page of every key in one place (PRODUCT.md section 4).
// The zod schema is the type. Paths stay as written here; load.ts makes them absolute.
import { z } from 'zod';
import { Size } from './size.ts';

const UrlPrefix = z
  .string()
  .regex(/^\/(?:[^?#]*\/)?$/, 'must begin and end with "/", for example "/cgi-bin/"')
  .describe('A URL path that begins and ends with "/".');
const Extension = z
  .string()
  .regex(/^\.[^./\s]+$/, 'must be a dot and a name, for example ".cgi"')
  .describe('A file name extension with its dot; compared without case.');
const VariableName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'must be a variable name: letters, digits and "_", not beginning with a digit, for example DATA_DIR',
  );
const HeaderName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a header field, for example X-Frame-Options');
const HeaderValue = z
  .string()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  .regex(/^[^\u0000-\u0008\u000a-\u001f\u007f]*$/, 'must be one line without control characters, for example DENY');
const Port = z.int().min(0).max(65535);
const Seconds = z.number().positive().max(86_400);
const Count = z.int().positive();
// Numbers and booleans are taken as they are written: yaml-source.ts hands over their source text.
const VariableValue = z
  .union([z.string(), z.number(), z.boolean()], { error: 'must be text, for example "yes"' })
  .transform(String)
  .refine((value) => !value.includes('\0'), 'must be text without NUL bytes, for example "yes"');
const Environment = z.record(VariableName, VariableValue);

const Tls = z.strictObject({
  certificate: z.string().min(1).describe('PEM file with the certificate and its chain.'),
  key: z.string().min(1).describe('PEM file with the private key.'),
});

const Server = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 or :: for every address.'),
  port: Port.default(8000).describe('TCP port to listen on; 0 lets the system choose one.'),
  trustProxy: z
    .boolean()
    .default(false)
    .describe('Believe X-Forwarded-For, -Proto, -Host and -Port of a proxy in front.'),
  graceSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(4)
    .describe('Time that requests in flight have to finish after SIGTERM or SIGINT, in seconds.'),
  tls: Tls.nullable().default(null).describe('Certificate and key for HTTPS; scripts then see HTTPS=on.'),
});

const Site = z.strictObject({
  root: z
    .string()
    .min(1)
    .default('..')
    .describe(
      'Folder of the site; relative to this file. Left out: ".." for a file in a folder named config, else ".".',
    ),
  documentRoot: z.string().min(1).default('public').describe('Folder of the pages; relative to site.root.'),
  directoryIndex: z
    .array(
      z
        .string()
        .min(1)
        .regex(/^[^/]+$/, 'must be a file name without "/", for example index.html'),
    )
    .default(['index.html', 'index.htm', 'index.shtml', 'index.cgi', 'index.pl', 'index.py', 'index.sh'])
    .describe('Files that answer for a folder, the first that exists; a script among them is run.'),
  listing: z.boolean().default(true).describe('List a folder that has no directory index.'),
  followSymlinks: z
    .enum(['inside', 'anywhere', 'never'])
    .default('inside')
    .describe('inside: the target lies in the document root or a script folder. never: no link is followed.'),
  deny: z
    .array(z.string().regex(/^\//, 'must be a glob of URL paths that begins with "/", for example "/data/**"'))
    .default([])
    .describe('Globs of URL paths that are never served, for example /data/**'),
  failurePage: z
    .enum(['full', 'plain'])
    .default('full')
    .describe('full: cause, stderr and source of a failed script. plain: no source, stderr or paths.'),
  charset: z
    .record(
      UrlPrefix,
      z.string().regex(/^[A-Za-z0-9._:-]+$/, 'must be the name of a character set, for example Shift_JIS'),
    )
    .default({})
    .describe('URL prefix → character set declared for its text files; none is declared otherwise.'),
  headers: z.record(HeaderName, HeaderValue).default({}).describe('Header fields added to every answer.'),
});

export const TOLERANCES = ['notExecutable', 'crlfShebang', 'missingShebang', 'foreignShebang', 'perlDotInc'] as const;
/** A defect of a script's file that cgibox works around, with one warning (`cgi.tolerate`). */
export type Tolerance = (typeof TOLERANCES)[number];

const PerScript = z.strictObject({
  environment: Environment.optional().describe('Added to, and over, cgi.environment.'),
  timeoutSeconds: Seconds.optional().describe('In the place of limits.timeoutSeconds.'),
  warm: z.boolean().optional().describe('Run by a warm interpreter, or never.'),
  interpreter: z.string().min(1).optional().describe('Run by this program, whatever the #! line says.'),
  nph: z.boolean().optional().describe('Non-parsed header, whatever the name says.'),
});

const Cgi = z.strictObject({
  scriptAlias: z
    .record(UrlPrefix, z.string().min(1))
    .default({ '/cgi-bin/': 'cgi-bin' })
    .describe('URL prefix → folder, or one script. Every file below it is a script, never sent as text.'),
  addHandler: z
    .array(Extension)
    .default(['.cgi', '.pl', '.py', '.sh', '.rb', '.php', '.tcl'])
    .describe('Extensions that are scripts inside the document root.'),
  interpreters: z
    .record(Extension, z.string().min(1))
    .default({ '.pl': 'perl', '.py': 'python3', '.sh': 'sh', '.rb': 'ruby', '.php': 'php-cgi', '.tcl': 'tclsh' })
    .describe(
      'Extension → program for a script without a usable #! line; a name on PATH or a path. Merged with the defaults.',
    ),
  shebangs: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe("Program of a #! line → program to run instead, for example '/opt/perl4/bin/perl': perl. Merged."),
  tolerate: z
    .array(z.enum(TOLERANCES))
    .default([...TOLERANCES])
    .describe('Defects of script files to work around, each with one warning; [] is strict.'),
  environment: Environment.prefault({}).describe('Set for every script; ${SITE} is the site root.'),
  passEnvironment: z
    .array(VariableName)
    .default([])
    .describe("Names taken from the server's own environment; nothing else of it reaches a script."),
  passAuthorization: z
    .boolean()
    .default(false)
    .describe('Give scripts the Authorization header as HTTP_AUTHORIZATION.'),
  runner: z
    .enum(['auto', 'forkserver', 'direct'])
    .default('auto')
    .describe('How scripts are started; auto picks what is best on this system.'),
  warm: z
    .array(z.enum(['perl', 'python3']))
    .default([])
    .describe('Interpreters kept preloaded.'),
  perScript: z
    .record(z.string().min(1), PerScript)
    .prefault({})
    .describe(
      'Glob → settings of the scripts it matches: of the URL where it begins with "/", else of the path in the site.',
    ),
});

const Limits = z.strictObject({
  timeoutSeconds: Seconds.default(60).describe(
    'Time without progress of a script, in seconds: 504 before its header, the answer is cut after.',
  ),
  requestHeaderBytes: Size.prefault('64kb').describe('Largest request line and header; 431 above.'),
  killAfterSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(5)
    .describe('From SIGTERM to SIGKILL for the process group of a script that is ended, in seconds.'),
  bodyBytes: Size.prefault('100mb').describe('Largest request body; 413 above.'),
  headerBytes: Size.prefault('64kb').describe('Largest header a script may write; 500 above.'),
  running: Count.default(32).describe('Scripts that run at once.'),
  waiting: z.int().min(0).default(512).describe('Requests that wait for a place; 503 with Retry-After above.'),
  cpuSeconds: Count.nullable().default(null).describe('Processor time of a script, in seconds; null: no limit.'),
  memoryBytes: Size.nullable().prefault(null).describe('Address space of a script; null: no limit.'),
  processes: Count.nullable().default(null).describe('Processes of the user that runs the scripts; null: no limit.'),
  fileSizeBytes: Size.nullable().prefault(null).describe('Largest file a script may write; null: no limit.'),
});

const Log = z.strictObject({
  level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('Least severe line that is written.'),
  format: z
    .enum(['auto', 'pretty', 'json', 'combined'])
    .default('auto')
    .describe("auto: pretty on a terminal, json otherwise. combined: Apache's."),
});

const Inspector = z.strictObject({
  enabled: z.boolean().default(true).describe('Serve the inspector.'),
  host: z.string().min(1).default('127.0.0.1').describe('Address of the inspector.'),
  port: Port.default(8001).describe('TCP port of the inspector.'),
  keep: Count.default(500).describe('Requests kept.'),
  keepBytes: Size.prefault('64mb').describe('Bytes kept, of all requests together.'),
  mask: z
    .array(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a header field or variable'))
    .default([])
    .describe(
      'Header fields and variables whose values are hidden until asked for, besides Authorization and cookies.',
    ),
});

const Mail = z.strictObject({
  enabled: z.boolean().default(true).describe('Catch the mail that scripts send.'),
  smtpPorts: z.array(Port).default([1025]).describe('TCP ports of the SMTP sink.'),
  keep: Count.default(200).describe('Mails kept.'),
});

export const Config = z.strictObject({
  server: Server.prefault({}).describe('Where the server listens, and how it stops.'),
  site: Site.prefault({}).describe('What is served as files.'),
  cgi: Cgi.prefault({}).describe('What is run as scripts, and how.'),
  limits: Limits.prefault({}).describe('What a request and a script may use.'),
  log: Log.prefault({}).describe('What is logged.'),
  inspector: Inspector.prefault({}).describe('The page that shows every request.'),
  mail: Mail.prefault({}).describe('The mail that scripts send.'),
});

/** The effective configuration. `load.ts` has made every path absolute and put sizes into bytes. */
export type Config = z.infer<typeof Config>;
