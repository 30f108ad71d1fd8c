// Compiles all Python files in one process, and goes on behind a file that ends it.
// Nothing of the files is executed: compile() makes code and does not run it.
import type { ByteString } from '../config/byte-string.ts';
import type { Source } from './source.ts';
import { ask, type Sandbox } from './syntax.ts';
import type { Verdict } from './verdict.ts';

// For Python 2 and 3 alike. One line of JSON for each file, written before the next one is begun.
// compile() does not look into comments; Python that reads a file refuses bytes there too (PEP 263), in these words.
const COMPILER = `
import json, re, sys, traceback

def decode(text, name):
    if sys.version_info[0] < 3 or text.startswith(b'\\xef\\xbb\\xbf'):
        return
    lines = text.split(b'\\n')
    for line in lines[:2]:
        if re.match(br'[ \\t\\f]*#.*?coding[:=][ \\t]*[-.\\w]', line):
            return
        if not re.match(br'[ \\t\\f\\r]*(#|$)', line):
            break
    for number, line in enumerate(lines, 1):
        try:
            line.decode('utf-8')
        except UnicodeDecodeError as error:
            said = "Non-UTF-8 code starting with '\\\\x%02x' in file" % line[error.start]
            raise SyntaxError(said, (name, number, None, None))

source = getattr(sys.stdin, 'buffer', sys.stdin)
for name in json.loads(source.read().decode('ascii')):
    path = name.encode('latin-1')
    try:
        with open(path, 'rb') as file:
            text = file.read()
        decode(text, name)
        compile(text.replace(b'\\r\\n', b'\\n'), name, 'exec', 0, True)
        said = None
    except Exception:
        said = ''.join(traceback.format_exception_only(*sys.exc_info()[:2]))
    sys.stdout.write(json.dumps(said) + '\\n')
    sys.stdout.flush()
`;

export interface PythonCompile {
  readonly program: ByteString;
  readonly environment: Readonly<Record<string, ByteString>>;
  readonly sandbox: Sandbox | undefined;
  readonly timeoutSeconds: number;
  readonly told: (source: Source, verdict: Verdict) => void;
}

export async function pythonErrors(sources: readonly Source[], options: PythonCompile): Promise<void> {
  const { program, environment, sandbox, timeoutSeconds, told } = options;
  let rest = sources;
  while (rest.length > 0) {
    const answer = await ask({
      program,
      args: ['-W', 'ignore', '-c', COMPILER],
      input: asciiJson(rest.map(({ file }) => file)),
      environment,
      sandbox,
      // For all of them together: compiling a file takes some milliseconds.
      timeoutSeconds: timeoutSeconds + rest.length / 50,
    });
    const lines = answer.stdout.split('\n').slice(0, -1);
    for (const [index, line] of lines.entries()) {
      const source = rest[index];
      if (source !== undefined) told(source, verdictIn(line));
    }
    const lost = rest[lines.length];
    // Without a line for the first file the program itself is to blame, unless it is a matter of time.
    if (lost === undefined) return;
    if (lines.length === 0 && answer.kind === 'ended') return;
    told(lost, answer.kind === 'timeLimit' ? { kind: 'timeLimit' } : { kind: 'refused', stderr: answer.stderr });
    rest = rest.slice(lines.length + 1);
  }
}

function verdictIn(line: string): Verdict {
  const said: unknown = JSON.parse(line);
  // Python escapes what is beyond ASCII; the name of the file is one character per byte, as everywhere here.
  return typeof said === 'string' ? { kind: 'refused', stderr: said } : { kind: 'good' };
}

function asciiJson(names: readonly ByteString[]): string {
  return JSON.stringify(names).replace(/[\u0080-\u00ff]/g, (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`);
}
