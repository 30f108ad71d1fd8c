// Writes the log: a line for each request, and for each line that a script writes to stderr, if `log.level` wants it.
import type { ByteString } from '../config/byte-string.ts';
import type { Config } from '../config/schema.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { type LogFormat, levelOf, logLine, stderrLine } from '../exchange/log-line.ts';

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
}

const SEVERITY = { error: 0, warn: 1, info: 2, debug: 3 } as const;

export function accessLog({ log }: Config, { writeLog, warn, isTerminal, mayColour }: LogSurroundings): AccessLog {
  const automatic: LogFormat = isTerminal ? 'pretty' : 'json';
  const format: LogFormat = log.format === 'auto' ? automatic : log.format;
  const isWanted = (level: keyof typeof SEVERITY) => SEVERITY[level] <= SEVERITY[log.level];
  // Who reads Apache's combined format reads nothing else: as there, errors have a log of their own.
  const writeStderr = format === 'combined' ? warn : writeLog;
  return {
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
