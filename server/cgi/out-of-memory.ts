// Where memory is short, in a container with a limit say, the kernel ends the largest process: most often the server.
// Source: proc_pid_oom_score_adj(5). Raising a score needs no right, and children inherit it.
import { readFileSync, writeFileSync } from 'node:fs';

/** As fork-server.py and warm-perl.pl have it: half of the memory there is counts as theirs. */
const SCORE = 500;

/** The kernel ends this process of ours before the server. What it started before stays as it is. Never throws. */
export function endBeforeServer(pid: number): void {
  const file = `/proc/${pid}/oom_score_adj`;
  try {
    if (Number(readFileSync(file, 'latin1')) < SCORE) writeFileSync(file, String(SCORE));
  } catch {
    // It is gone, or this is another system than Linux.
  }
}
