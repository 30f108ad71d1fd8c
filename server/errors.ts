// What the operator got wrong: one class, one table of codes.
// What a script or a client can cause is a value, never an error of this class (see README, Architecture).

/** Every code, with the exit code of the command that it ends: 2 usage or configuration, 3 could not start. */
export const ERROR_CODES = {
  USAGE: { exitCode: 2 },
  CONFIG_INVALID: { exitCode: 2 },
  CONFIG_UNREADABLE: { exitCode: 2 },
  PLAN_INVALID: { exitCode: 2 },
  PLAN_UNREADABLE: { exitCode: 2 },
  REPORT_UNWRITABLE: { exitCode: 2 },
  SITE_UNUSABLE: { exitCode: 3 },
  PORT_TAKEN: { exitCode: 3 },
  PORT_FORBIDDEN: { exitCode: 3 },
  ADDRESS_UNAVAILABLE: { exitCode: 3 },
  TLS_UNUSABLE: { exitCode: 3 },
  RUN_AS_REFUSED: { exitCode: 3 },
  RUNNER_UNAVAILABLE: { exitCode: 3 },
} as const satisfies Record<string, { exitCode: number }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A mistake of the operator, thrown at start-up or by a command. The hint is an order that can be carried out. */
export class CgiboxError extends Error {
  override readonly name = 'CgiboxError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: { hint: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
