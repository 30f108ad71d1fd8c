// One fork server seen from Node: what was asked of it, what it answered, which scripts it looks after.
// Promises: every launch sent is settled or handed back; it never waits.
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { Exit } from '../diagnosis/cause.ts';
import { type Answer, encodeLaunch, encodeRelease, type OutputNumber } from './fork-protocol.ts';
import { ForkedScript, SERVER_ENDED } from './forked-script.ts';
import type { Command, Launch } from './launcher.ts';
import { openDescriptor, tryToOpen } from './script-pipes.ts';
import { endUnseen, memoryLayout } from './unseen-script.ts';

/** A launch that somebody waits for. */
export interface PendingLaunch {
  readonly command: Command;
  readonly settle: (launch: Launch) => void;
}

/** The process at the other end. */
export interface ForkServerLine {
  write(frame: Uint8Array): void;
}

interface SentLaunch extends PendingLaunch {
  readonly id: number;
}

/** The errno of a launch whose fork server died over it: whether the script had begun is not known. */
export const RUNNER_LOST = 'RUNNER_LOST';
/** What the system says of the descriptors of a process that is gone; EACCES of one that is not reaped yet, but to root. */
const GONE: ReadonlySet<number | string> = new Set(['ENOENT', 'ESRCH', 'EACCES']);
// Of two names of one number the first: SIGABRT, not SIGIOT.
const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

export class ForkServerClient {
  readonly #line: ForkServerLine;
  /** Groups that outlived their leader, of all fork servers. */
  readonly #groups: Map<number, ForkedScript>;
  /** In the order they were sent, which is the order they are served. */
  #unanswered: SentLaunch[] = [];
  /** By number, until they have exited and their output is read, or is read by Node. Not a Map: see roster.ts. */
  readonly #scripts: (ForkedScript | undefined)[] = [];
  readonly #freeIds: number[] = [];
  #pid = 0;
  #layout: string | undefined;

  constructor(line: ForkServerLine, groups: Map<number, ForkedScript>) {
    this.#line = line;
    this.#groups = groups;
  }

  /** Launches and scripts that it is busy with. */
  get load(): number {
    return this.#scripts.length - this.#freeIds.length;
  }

  /** The launch it is busy with; the same one for seconds means that it hangs (stopped, or an exec from a dead disk). */
  get busyWith(): PendingLaunch | undefined {
    return this.#unanswered[0];
  }

  send({ command, settle }: PendingLaunch): void {
    const id = this.#freeIds.pop() ?? this.#scripts.push(undefined) - 1;
    const frame = encodeLaunch(id, command);
    if (frame === undefined) {
      this.#freeIds.push(id);
      return settle({ kind: 'failed', errno: 'EINVAL' });
    }
    this.#unanswered.push({ id, command, settle });
    this.#line.write(frame);
  }

  /** Throws on what no fork server says, and without a /proc to use. */
  take(answer: Answer): void {
    switch (answer.kind) {
      case 'ready':
        this.#pid = answer.pid;
        this.#layout = memoryLayout(answer.pid);
        return tryToOpen(answer.pid, answer.descriptor);
      case 'started':
        return this.#started(answer.id, answer.pid, answer.stdin);
      case 'failed':
        return this.#failed(answer.id, errnoName(answer.errno));
      case 'output':
        return this.#output(answer);
      case 'handOver':
        return this.#handOver(answer);
      case 'exited':
        return this.#exited(answer.id, exitOf(answer.code, answer.signal), answer.hasGroup);
      default:
        return answer satisfies never;
    }
  }

  /**
   * The process is gone, and with it what its scripts had still to say. The launch that it may have begun fails, its
   * script is ended, and those that it cannot have begun, because they are served in turn, are given back.
   */
  lost(): readonly PendingLaunch[] {
    for (const script of this.#scripts) script?.orphaned();
    const [first, ...again] = this.#unanswered;
    this.#unanswered = [];
    if (first !== undefined) {
      const known = new Set(this.#scripts.flatMap((script) => script?.pid ?? []));
      endUnseen({ uniqueId: first.command.environment.UNIQUE_ID, layout: this.#layout, known });
      first.settle({ kind: 'failed', errno: RUNNER_LOST });
    }
    return again;
  }

  #started(id: number, pid: number, stdin: number | undefined): void {
    const { settle } = this.#answered(id);
    const input = stdin === undefined ? undefined : this.#open(stdin, 'write');
    if (stdin !== undefined) this.#line.write(encodeRelease(id, 0));
    const script = new ForkedScript(pid, typeof input === 'number' ? input : undefined);
    this.#scripts[id] = script;
    this.#groups.get(pid)?.disown();
    this.#groups.delete(pid);
    if (typeof input !== 'string') return settle({ kind: 'started', process: script });
    script.signalGroup('SIGKILL'); // It has read nothing yet, and never would.
    script.stdout.destroy();
    script.stderr.destroy();
    settle({ kind: 'failed', errno: input });
  }

  #failed(id: number, errno: string): void {
    const { settle } = this.#answered(id);
    this.#freeIds.push(id);
    settle({ kind: 'failed', errno });
  }

  #answered(id: number): SentLaunch {
    const sent = this.#unanswered.shift();
    if (sent?.id !== id) throw new Error(`a fork server answered to launch ${id} out of turn`);
    return sent;
  }

  #output({ id, number, isEnd, bytes }: Extract<Answer, { kind: 'output' }>): void {
    const script = this.#scriptOf(id);
    script.arrived(number, bytes, isEnd);
    if (isEnd) this.#letGo(id, script);
  }

  #handOver({ id, number, descriptor }: { id: number; number: OutputNumber; descriptor: number }): void {
    const script = this.#scriptOf(id);
    script.takeOver(number, () => {
      const opened = this.#open(descriptor, 'read');
      return opened === RUNNER_LOST ? SERVER_ENDED : opened;
    });
    this.#line.write(encodeRelease(id, number));
    this.#letGo(id, script);
  }

  #exited(id: number, exit: Exit, hasGroup: boolean): void {
    const script = this.#scriptOf(id);
    if (hasGroup) this.#groups.set(script.pid, script);
    script.ended(exit, hasGroup);
    this.#letGo(id, script);
  }

  #open(descriptor: number, access: 'read' | 'write'): number | string {
    const opened = openDescriptor(this.#pid, descriptor, access);
    return GONE.has(opened) ? RUNNER_LOST : opened;
  }

  #scriptOf(id: number): ForkedScript {
    const script = this.#scripts[id];
    if (script === undefined) throw new Error(`a fork server spoke of script ${id}, which is over`);
    return script;
  }

  #letGo(id: number, script: ForkedScript): void {
    if (!script.isOver) return;
    this.#scripts[id] = undefined;
    this.#freeIds.push(id);
  }
}

function exitOf(code: number, signal: number): Exit {
  if (signal === 0) return { kind: 'exited', code };
  return { kind: 'killed', signal: SIGNAL_NAMES.get(signal) ?? `SIG${signal}` };
}

function errnoName(errno: number): string {
  return getSystemErrorName(-errno);
}
