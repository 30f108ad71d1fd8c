// The commands and flags of cgibox in one table: the help texts and "did you mean" read it, and so does the parser.
// Pure. Source for the wording: clig.dev.

/** One flag. `value`: the word for its value in the help; a flag without it is a switch. */
export interface FlagUsage {
  readonly name: string;
  readonly short?: string;
  readonly value?: string;
  readonly help: string;
}

export interface CommandUsage {
  readonly name: string;
  readonly arguments: string;
  readonly summary: string;
  readonly details: readonly string[];
  readonly flags: readonly FlagUsage[];
  readonly examples: readonly string[];
}

export const COMMON_FLAGS: readonly FlagUsage[] = [
  { name: 'config', value: 'FILE', help: 'configuration file (also CGIBOX_CONFIG)' },
  { name: 'host', value: 'ADDRESS', help: 'address of the server (also CGIBOX_HOST)' },
  { name: 'port', short: 'p', value: 'PORT', help: 'TCP port of the server (also CGIBOX_PORT)' },
  { name: 'json', help: 'results, or log lines, as JSON' },
  { name: 'quiet', short: 'q', help: 'say nothing but warnings and errors' },
  { name: 'verbose', help: 'log each step of a request too (also log.level: debug)' },
  { name: 'no-color', help: 'no colours (also NO_COLOR)' },
  { name: 'help', short: 'h', help: 'show help' },
  { name: 'version', help: 'show the version' },
];

export const COMMANDS: readonly CommandUsage[] = [
  {
    name: 'serve',
    arguments: '[SITE]',
    summary: 'serve a site (default: the configured one)',
    details: [
      'With SITE, its cgibox.yaml is used; what that leaves out is found by looking: the pages in SITE itself if it',
      'has an index, else in public, public_html, htdocs, www, html or docs; the scripts in cgi-bin, cgi, cgi-local',
      'and htbin. Without SITE: ./cgibox.yaml or ./config/cgibox.yaml, else the sample site.',
      'A changed configuration file is read again, also on SIGHUP. Ctrl+C lets requests finish; twice ends at once.',
    ],
    flags: [],
    examples: ['cgibox serve ./old-site', 'cgibox serve --port 8080', 'cgibox ./old-site --host 0.0.0.0'],
  },
  {
    name: 'doctor',
    arguments: '[SITE]',
    summary: 'what will break, why, and the command that mends it',
    details: [
      'Reads the whole site and serves nothing. perl -c checks the syntax of Perl, and executes BEGIN blocks and "use" lines',
      'of the site as it does so, in a child process with limits that can write no file; --no-exec leaves that out.',
      'Exit code 1 where an error is found, 0 for warnings and notes alone.',
    ],
    flags: [
      { name: 'no-exec', help: 'execute nothing of the site: without perl -c' },
      { name: 'github', help: 'annotations for GitHub Actions' },
      { name: 'baseline', value: 'FILE', help: 'known findings, which are accepted' },
      { name: 'write-baseline', help: 'write the file of --baseline anew, with all that is found' },
    ],
    examples: [
      'cgibox doctor ./old-site',
      'cgibox doctor ./old-site --json > findings.json',
      'cgibox doctor ./old-site --baseline doctor.json --write-baseline',
    ],
  },
  {
    name: 'smoke',
    arguments: '[FILE...]',
    summary: 'smoke tests: plans, or with no FILE every script that is found',
    details: [
      'With no FILE each script gets a GET, also with the parameters that links and forms of the pages give it, and must',
      'answer below 500, with a lawful header and no error on stderr; plans in tests/smoke of the site are run too.',
      'A FILE is a plan (YAML). Exit code 0 when all is as expected, 1 when not, 2 for a plan that cannot be read.',
    ],
    flags: [
      { name: 'site', value: 'SITE', help: 'folder of the site, as for serve' },
      { name: 'base-url', value: 'URL', help: 'ask this server, not one of our own' },
      { name: 'filter', value: 'TEXT', help: 'only requests whose name or URL holds the text' },
      { name: 'tag', value: 'TAG', help: 'only requests with the tag; may be repeated' },
      { name: 'list', help: 'show what would be asked' },
      { name: 'update', help: 'write golden files, each difference shown before; never where CI is set' },
      { name: 'junit', value: 'FILE', help: 'report as JUnit XML; "-" is stdout, also for the others' },
      { name: 'tap', value: 'FILE', help: 'report as TAP 14' },
      { name: 'html', value: 'FILE', help: 'report as one HTML page with every exchange' },
      { name: 'github', help: 'annotations and summary for GitHub (on by itself in its Actions)' },
      { name: 'jobs', value: 'N', help: 'plans at once (1), and found scripts at once (4)' },
      { name: 'fail-fast', help: 'stop at the first failure' },
      { name: 'timeout', value: 'SECONDS', help: 'longest wait for an answer (30)' },
      { name: 'ephemeral', help: 'run on a copy of the site, made anew for each plan' },
      { name: 'clock', value: 'TIME', help: 'freeze the clock of scripts (needs libfaketime): "1999-12-31 23:59:59"' },
      { name: 'watch', help: 'run again when a script, page or plan changes' },
      {
        name: 'against',
        value: 'URL',
        help: 'compare with another server, request by request; "warm": with warm runs',
      },
      { name: 'record', value: 'FILE', help: 'write a plan of what goes through a proxy in front of the site' },
      { name: 'from', value: 'URL', help: 'record: put the proxy in front of this server' },
      { name: 'har', value: 'HAR', help: 'record: take the requests of a browser session' },
      { name: 'schema', help: 'the JSON Schema of plans, for editors' },
    ],
    examples: [
      'cgibox smoke --site ./old-site',
      'cgibox smoke --site ./old-site --junit report.xml --html report.html',
      'cgibox smoke tests/smoke/guestbook.yaml --update',
      'cgibox smoke --record tests/smoke/old.yaml --from http://old.example.org/',
      'cgibox smoke tests/smoke/old.yaml --against http://old.example.org/',
    ],
  },
  {
    name: 'exec',
    arguments: '[METHOD] URL',
    summary: 'run one script from the shell exactly as the server would',
    details: [
      "stdout gets the body of the script's answer (raw output, where it is no answer); stderr tells the rest: how it is",
      'run, its stderr, header, exit code, times and mail. URL is a path, or whole; METHOD is GET if left out.',
      'Exit code 0 for a lawful answer below 500, 1 otherwise.',
    ],
    flags: [
      { name: 'site', value: 'SITE', help: 'folder of the site, as for serve' },
      { name: 'body', value: 'TEXT', help: 'body of the request; @FILE: what is in the file, -: what comes on stdin' },
      {
        name: 'header',
        short: 'H',
        value: "'NAME: VALUE'",

        help: 'field of the request; may be repeated',
      },
      {
        name: 'env',
        value: 'NAME=VALUE',

        help: 'variable for the script, over all others; may be repeated',
      },
      {
        name: 'from',
        value: 'ID',
        help: 'the request with this X-Request-Id, from the inspector of the running server',
      },
      { name: 'shell', help: 'print the line for the shell that does the same, and run nothing' },
    ],
    examples: [
      "cgibox exec '/cgi-bin/search.pl?q=perl'",
      "cgibox exec POST /cgi-bin/form.pl --body 'name=Alice&age=30' --site ./old-site",
      "cgibox exec GET /cgi-bin/members.cgi --env REMOTE_USER=alice -H 'Cookie: id=1'",
      'cgibox exec --from 0b2f7c1e-3c59-4f0e-9d1b-7f6d3c1f5a11 --shell',
    ],
  },
  {
    name: 'config',
    arguments: '[SITE]',
    summary: 'show the effective configuration, each value with its origin',
    details: ['The result is YAML that can be used as a configuration file.'],
    flags: [
      { name: 'check', help: 'only say whether the configuration is good' },
      { name: 'schema', help: 'the JSON Schema of the file, for editors' },
    ],
    examples: ['cgibox config ./old-site > ./old-site/cgibox.yaml', 'cgibox config --check --config site.yaml'],
  },
  {
    name: 'health',
    arguments: '[SITE]',
    summary: 'exit code 0 when the server answers',
    details: ['Asks "OPTIONS *" of the configured address, which reaches no script and is not logged.'],
    flags: [],
    examples: ['cgibox health --port 8080'],
  },
  {
    name: 'sendmail',
    arguments: '[-t] [-i] [-f SENDER] [RECIPIENT...]',
    summary: 'what scripts call as /usr/sbin/sendmail: the mail is caught, and sent to nobody',
    details: [
      'Reads a message on stdin and hands it to the server that runs the script. Takes the flags of sendmail, not those',
      'of cgibox: -t -i -oi -f -F -r -bs --, and the rest without effect. Exit codes as sendmail: 64 usage, 67 no such',
      'address, 69 refused, 75 no server.',
    ],
    flags: [],
    examples: ['printf "To: a@example.org\\n\\nHello\\n" | cgibox sendmail -t'],
  },
];

/** Help for one command, or for all of them. */
export function helpText(command: CommandUsage | undefined): string {
  return command === undefined ? overview() : commandHelp(command);
}

function overview(): string {
  const commands = COMMANDS.map(({ name, arguments: words, summary }) => [`cgibox ${name} ${words}`, summary] as const);
  return [
    'cgibox runs an old CGI site, unmodified, and shows what breaks and how to mend it.',
    '',
    'Usage: cgibox [COMMAND] [SITE] [FLAGS]',
    '',
    'Commands:',
    ...columns(commands),
    '',
    'Without a command it serves. "cgibox COMMAND --help" tells more about one.',
    '',
    'Flags:',
    ...columns(COMMON_FLAGS.map(flagRow)),
    '',
    'Exit codes: 0 good, 1 a check failed, 2 usage or configuration error, 3 could not start.',
    '',
  ].join('\n');
}

function commandHelp(command: CommandUsage): string {
  return [
    `Usage: cgibox ${command.name} ${command.arguments} [FLAGS]`,
    '',
    `${command.summary[0]?.toUpperCase() ?? ''}${command.summary.slice(1)}.`,
    ...command.details,
    '',
    'Flags:',
    ...columns([...command.flags, ...COMMON_FLAGS].map(flagRow)),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

function flagRow(flag: FlagUsage): readonly [string, string] {
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  return [`${short}--${flag.name}${flag.value === undefined ? '' : ` ${flag.value}`}`, flag.help];
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
