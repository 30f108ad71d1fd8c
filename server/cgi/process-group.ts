// Signals to the process group of a script: its children get them too.

/** Sends a signal to the group that `leader` leads. Nothing happens when the group is gone. */
export function signalGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  trySignal(leader, signal);
}

/** Whether any process of the group is left; a zombie counts until it is reaped. */
export function isGroupAlive(leader: number): boolean {
  return trySignal(leader, 0);
}

function trySignal(leader: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    // EPERM: a group is there, and the user of its last process has been changed by itself.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
