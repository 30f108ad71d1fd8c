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
  /** The script waits for a slow client, or no longer does. */
  waiting(isWaiting: boolean): void;
}

type HoldReason = 'outputUnread' | 'inputMissing';

export function progressClock(seconds: number, events: ClockEvents): ProgressClock {
  const holds = new Set<HoldReason>();
  const share = heldShare((isWaiting) => events.waiting(isWaiting));
  let isStopped = false;
  let startedAt = performance.now();
  // Not started anew at each progress, of which there may be thousands: it looks when it fires.
  let timer: NodeJS.Timeout | undefined = setTimeout(onTime, seconds * 1000);

  function onTime(): void {
    timer = undefined;
    if (holds.size > 0) return;
    const left = startedAt + seconds * 1000 - performance.now();
    if (left > 0) {
      timer = setTimeout(onTime, left);
      return;
    }
    stop();
    events.expired();
  }

  function stop(): void {
    isStopped = true;
    clearTimeout(timer);
    share.stop();
  }

  const progress = () => {
    startedAt = performance.now();
  };
  return {
    progress,
    hold: (reason) => {
      holds.add(reason);
      if (!isStopped) share.begin();
    },
    release: (reason) => {
      if (!holds.delete(reason) || holds.size > 0) return;
      share.end();
      // The time that the client took does not count against the script.
      progress();
      if (!isStopped) timer ??= setTimeout(onTime, seconds * 1000);
    },
    stop,
  };
}

// Every transfer stops and goes; slow is a client that is waited for most of the time, dripping or not.
const WINDOW_MS = 200;
const SLOW_SHARE = 0.9;

/** Called at the end of each window: those of scripts that were held in it. One timer for all, for most are held for a moment only. */
const windows = new Set<() => void>();
let ticking: NodeJS.Timeout | undefined;

function onWindowsEnd(): void {
  for (const onWindow of windows) onWindow();
  if (windows.size > 0) return;
  clearInterval(ticking);
  ticking = undefined;
}

/** Tells when a script was held for most of a window, and when it no longer is. */
function heldShare(changed: (isWaiting: boolean) => void) {
  let heldSince: number | undefined;
  let heldMs = 0;
  let isWaiting = false;

  const end = () => {
    if (heldSince !== undefined) heldMs += performance.now() - heldSince;
    heldSince = undefined;
  };
  const stop = () => void windows.delete(onWindow);
  const onWindow = () => {
    const isHeld = heldSince !== undefined;
    end();
    const wasWaiting = isWaiting;
    isWaiting = heldMs > WINDOW_MS * SLOW_SHARE;
    heldMs = 0;
    if (isWaiting !== wasWaiting) changed(isWaiting);
    if (isHeld) heldSince = performance.now();
    else if (!isWaiting) stop();
  };

  return {
    begin: () => {
      heldSince ??= performance.now();
      windows.add(onWindow);
      ticking ??= setInterval(onWindowsEnd, WINDOW_MS).unref();
    },
    end,
    stop,
  };
}
