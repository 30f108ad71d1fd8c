// Ctrl+C and its like, for a command that has something to end, or to report, before it leaves.

export interface Interruption {
  /** Fires at the first signal. */
  readonly signal: AbortSignal;
  /** From now on a signal does what it does by default. */
  end(): void;
}

/** Takes SIGINT, SIGTERM and SIGHUP until `end`; `onSignal` is called at each. */
export function interruptible(onSignal: () => void = () => {}): Interruption {
  const controller = new AbortController();
  const interrupt = (): void => {
    controller.abort();
    onSignal();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    end: () => {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}
