// Writes the log, as `log.level` wants it: a line for each request, each line of a script's stderr, and each step.
import type { ByteString } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { debugLine, type LogFormat, levelOf, logLine, stderrLine } from '../exchange/log-line.ts';

export interface LogSurroundings {
  readonly writeLog: (line: string) => void;
  /** For the operator, on stderr. */
  readonly warn: (line: string) => void;
  readonly isTerminal: boolean;
  readonly mayColour: boolean;
}

export interface AccessLog {
  answered(exchange: Exchange): void;
  stderr(exchange: Exchange, line: ByteString): void;
  /** Takes a step of a request, without a line end; absent where nobody wants to know. */
  readonly debug: ((exchange: Exchange, step: ByteString) => void) | undefined;
}

const SEVERITY = { error: 0, warn: 1, info: 2, debug: 3 } as const;

export function accessLog({ log }: Config, { writeLog, warn, isTerminal, mayColour }: LogSurroundings): AccessLog {
  const automatic: LogFormat = isTerminal ? 'pretty' : 'json';
  const format: LogFormat = log.format === 'auto' ? automatic : log.format;
  const isWanted = (level: keyof typeof SEVERITY) => SEVERITY[level] <= SEVERITY[log.level];
  // Who reads Apache's combined format reads nothing else: as there, errors have a log of their own.
  const writeStderr = format === 'combined' ? warn : writeLog;
  const debug: AccessLog['debug'] = ({ id }, step) =>
    writeStderr(debugLine({ id, step, at: Date.now() }, format, mayColour));
  return {
    debug: isWanted('debug') ? debug : undefined,
    answered: (exchange) => {
      if (isWanted(levelOf(exchange))) writeLog(logLine(exchange, format, mayColour));
    },
    stderr: (exchange, line) => {
      if (!isWanted('warn')) return;
      const { id, scriptName = '' } = exchange;
      writeStderr(stderrLine({ id, scriptName, line, at: Date.now() }, format, mayColour));
    },
  };
}
