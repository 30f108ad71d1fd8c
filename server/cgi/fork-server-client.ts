// One fork server seen from Node: what was asked of it, what it answered, which of its pipes are free.
// Promises: every launch sent is settled or handed back; it never waits, a launch without pipes is not sent.
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { Exit } from '../diagnosis/cause.ts';
import { type Answer, encodeLaunch, type PipeSlots } from './fork-protocol.ts';
import { ForkedScript, type ScriptPipes } from './forked-script.ts';
import type { Command, Launch } from './launcher.ts';
import { destroyPipes, openEnds, type ServerPipe, streamsOf, tryToOpen } from './script-pipes.ts';

/** A launch that somebody waits for. */
export interface PendingLaunch {
  readonly command: Command;
  readonly settle: (launch: Launch) => void;
}

/** The process at the other end. */
export interface ForkServerLine {
  write(frame: Uint8Array): void;
  /** It is of no use any more; its end is then told by `lost`. */
  end(): void;
}

interface SentLaunch extends PendingLaunch {
  readonly pipes: ScriptPipes;
}

interface FreePipe extends ServerPipe {
  readonly slot: number;
}

/** The errno of a launch whose fork server died over it: whether the script had begun is not known. */
export const RUNNER_LOST = 'RUNNER_LOST';
/** A word with a NUL, or nothing left in Node or the system. Any other: the descriptors are gone, and so is their owner. */
const FAILS_THE_LAUNCH = new Set(['EINVAL', 'EMFILE', 'ENFILE', 'ENOMEM']);
const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

export class ForkServerClient {
  readonly #line: ForkServerLine;
  /** Groups that outlived their leader, of all fork servers. */
  readonly #groups: Map<number, ForkedScript>;
  readonly #free: FreePipe[] = [];
  /** In the order they were sent, which is the order they are served. */
  readonly #unanswered = new Map<number, SentLaunch>();
  readonly #running = new Map<number, ForkedScript>();
  #pid = 0;
  #lastId = 0;
  #shortage: number | undefined;
  #isGone = false;

  constructor(line: ForkServerLine, groups: Map<number, ForkedScript>) {
    this.#line = line;
    this.#groups = groups;
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  /** The launch it is busy with; the same one for seconds means that it hangs (stopped, or an exec from a dead disk). */
  get busyWith(): number | undefined {
    return this.#unanswered.keys().next().value;
  }

  hasRoomFor(command: Command): boolean {
    return !this.#isGone && this.#free.length >= (command.hasBody ? 3 : 2);
  }

  /** The system's word for why it has no pipe to give, when none is on its way either. */
  get shortage(): string | undefined {
    const isStuck = this.#shortage !== undefined && this.#unanswered.size === 0;
    return isStuck ? errnoName(this.#shortage ?? 0) : undefined;
  }

  /** Gives false where the fork server turns out to be gone. Only where `hasRoomFor` said so. */
  send(pending: PendingLaunch): boolean {
    const taken = this.#free.splice(pending.command.hasBody ? -3 : -2);
    const [stdout, stderr, stdin] = taken;
    if (stdout === undefined || stderr === undefined) return false;
    this.#lastId = (this.#lastId + 1) % 0x7fff_ffff;
    const slots: PipeSlots = { stdin: stdin?.slot, stdout: stdout.slot, stderr: stderr.slot };
    const frame = encodeLaunch(this.#lastId, slots, pending.command);
    const ends = frame === undefined ? 'EINVAL' : openEnds(this.#pid, [stdout, stderr, stdin]);
    if (frame !== undefined && typeof ends !== 'string') {
      this.#line.write(frame);
      this.#unanswered.set(this.#lastId, { ...pending, pipes: streamsOf(ends) });
      return true;
    }
    this.#free.push(...taken);
    if (typeof ends === 'string' && FAILS_THE_LAUNCH.has(ends)) {
      pending.settle({ kind: 'failed', errno: ends });
      return true;
    }
    this.#isGone = true;
    this.#line.end();
    return false;
  }

  /** Gives whether there is more room than before. Throws on what no fork server says, and without a /proc to use. */
  take(answer: Answer): boolean {
    switch (answer.kind) {
      case 'ready':
        this.#pid = answer.pid;
        tryToOpen(answer.pid, answer.descriptor);
        return true;
      case 'pipe':
        this.#shortage = undefined;
        this.#free.push(answer);
        return true;
      case 'noPipe':
        this.#shortage = answer.errno;
        return true;
      case 'started':
        this.#started(answer.id, answer.pid);
        return false;
      case 'failed':
        this.#failed(answer.id, errnoName(answer.errno));
        return false;
      case 'exited':
        this.#exited(answer.id, exitOf(answer.code, answer.signal), answer.hasGroup);
        return false;
      default:
        return answer satisfies never;
    }
  }

  /**
   * The process is gone. Its running scripts are looked after, the launch that it may have begun fails, and those
   * that it cannot have begun, because they are served in turn, are given back.
   */
  lost(): readonly PendingLaunch[] {
    for (const script of this.#running.values()) script.orphaned();
    this.#running.clear();
    const [first, ...rest] = this.#unanswered.keys();
    const again = rest.flatMap((id) => this.#unanswered.get(id) ?? []);
    for (const sent of again) destroyPipes(sent.pipes);
    if (first !== undefined) this.#failed(first, RUNNER_LOST);
    this.#unanswered.clear();
    this.#isGone = true;
    return again;
  }

  #started(id: number, pid: number): void {
    const sent = this.#unanswered.get(id);
    if (sent === undefined) return;
    this.#unanswered.delete(id);
    const script = new ForkedScript(pid, sent.pipes);
    this.#running.set(id, script);
    this.#groups.get(pid)?.disown();
    this.#groups.delete(pid);
    sent.settle({ kind: 'started', process: script });
  }

  #failed(id: number, errno: string): void {
    const sent = this.#unanswered.get(id);
    if (sent === undefined) return;
    this.#unanswered.delete(id);
    destroyPipes(sent.pipes);
    sent.settle({ kind: 'failed', errno });
  }

  #exited(id: number, exit: Exit, hasGroup: boolean): void {
    const script = this.#running.get(id);
    if (script === undefined) return;
    this.#running.delete(id);
    if (hasGroup) this.#groups.set(script.pid, script);
    script.ended(exit, hasGroup);
  }
}

function exitOf(code: number, signal: number): Exit {
  if (signal === 0) return { kind: 'exited', code };
  return { kind: 'killed', signal: SIGNAL_NAMES.get(signal) ?? `SIG${signal}` };
}

function errnoName(errno: number): string {
  return getSystemErrorName(-errno);
}
