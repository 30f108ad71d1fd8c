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

export interface ClockEvents {
  /** Called once, after so many seconds without progress. */
  expired(): void;
  /** The script has waited for the client for more than a moment, or no longer does. */
  waiting(isWaiting: boolean): void;
}

type HoldReason = 'outputUnread' | 'inputMissing';

// Every transfer stops and goes for moments; a client that pauses for longer is slow.
const MOMENT_MS = 1000;

export function progressClock(seconds: number, events: ClockEvents): ProgressClock {
  const holds = new Set<HoldReason>();
  let timer: NodeJS.Timeout | undefined = setTimeout(onTime, seconds * 1000);
  let moment: NodeJS.Timeout | undefined;
  let isWaiting = false;

  function onTime(): void {
    if (holds.size > 0) return;
    stop();
    events.expired();
  }

  function onMoment(): void {
    if (holds.size === 0) return;
    isWaiting = true;
    events.waiting(true);
  }

  function stop(): void {
    clearTimeout(timer);
    clearTimeout(moment);
    timer = undefined;
  }

  return {
    progress: () => void timer?.refresh(),
    hold: (reason) => {
      if (holds.size === 0 && timer !== undefined) moment = moment?.refresh() ?? setTimeout(onMoment, MOMENT_MS);
      holds.add(reason);
    },
    release: (reason) => {
      if (!holds.delete(reason) || holds.size > 0) return;
      // The time that the client took does not count against the script.
      timer?.refresh();
      if (isWaiting) events.waiting(false);
      isWaiting = false;
    },
    stop,
  };
}
