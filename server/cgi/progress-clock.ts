// The clock of `limits.timeoutSeconds`: it runs only while the script could make progress.
// Progress starts it anew; while the client is what everybody waits for, it stands still.

export interface ProgressClock {
  /** The script took or gave bytes. */
  progress(): void;
  /** The script waits for the client, for one of two reasons: its output is not read, or its input has not come. */
  hold(reason: HoldReason): void;
  release(reason: HoldReason): void;
  stop(): void;
}

type HoldReason = 'outputUnread' | 'inputMissing';

/** Calls `expired` once, after `seconds` without progress. */
export function progressClock(seconds: number, expired: () => void): ProgressClock {
  const holds = new Set<HoldReason>();
  let timer: NodeJS.Timeout | undefined = setTimeout(onTime, seconds * 1000);

  function onTime(): void {
    if (holds.size > 0) return;
    stop();
    expired();
  }

  function stop(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    progress: () => void timer?.refresh(),
    hold: (reason) => void holds.add(reason),
    release: (reason) => {
      // The time that the client took does not count against the script.
      if (holds.delete(reason) && holds.size === 0) timer?.refresh();
    },
    stop,
  };
}
