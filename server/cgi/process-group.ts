// Signals to the process group of a script: its children get them too. Signal 0 only asks (kill(2)).

/** Sends a signal to the group that `leader` leads. Nothing happens when the group is gone. */
export function signalGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  trySignal(-leader, signal);
}

/** Whether any process of the group is left; a zombie counts until it is reaped. */
export function isGroupAlive(leader: number): boolean {
  return trySignal(-leader, 0);
}

/** Whether a process has this number now. */
export function isProcessAlive(pid: number): boolean {
  return trySignal(pid, 0);
}

function trySignal(target: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    // EPERM: it is there, and the user of its last process has been changed by itself.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
