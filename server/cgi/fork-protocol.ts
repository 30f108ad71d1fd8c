// The frames between Node and a fork server (fork-server.py), which must be changed together.
// Bytes stay bytes: words are latin1 here, raw there, with NUL between them as the system itself has it.
import type { Command } from './launcher.ts';

/** The pipes a launch uses: numbers of slots in the fork server's table. Without a body stdin is absent. */
export interface PipeSlots {
  readonly stdin: number | undefined;
  readonly stdout: number;
  readonly stderr: number;
}

export type Answer =
  /** The fork server can be used, if Node can open this descriptor of it. */
  | { readonly kind: 'ready'; readonly pid: number; readonly descriptor: number }
  /** The slot holds a fresh pipe: descriptors of the fork server, to be opened through /proc. */
  | { readonly kind: 'pipe'; readonly slot: number; readonly readEnd: number; readonly writeEnd: number }
  | { readonly kind: 'noPipe'; readonly slot: number; readonly errno: number }
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | { readonly kind: 'failed'; readonly id: number; readonly errno: number }
  /** `signal` is 0 after an exit. `hasGroup`: processes of its group outlive it. */
  | {
      readonly kind: 'exited';
      readonly id: number;
      readonly code: number;
      readonly signal: number;
      readonly hasGroup: boolean;
    };

const HEAD_BYTES = 16;
const NO_SLOT = 255;
export const ANSWER_BYTES = 24;
/** A frame of length 0: end now, the scripts are looked after. */
export const GOODBYE: Uint8Array = new Uint8Array(4);

/** Absent when a word holds a NUL, which no argument, path or variable can. */
export function encodeLaunch(id: number, slots: PipeSlots, command: Command): Buffer | undefined {
  const words = [command.workingDirectory, command.file, ...command.args];
  const { environment } = command;
  for (const name in environment) words.push(name, environment[name] ?? '');
  const text = words.join('\0');
  const frame = Buffer.allocUnsafe(HEAD_BYTES + text.length);
  frame.writeUInt32LE(frame.length - 4, 0);
  frame.writeUInt32LE(id, 4);
  frame[8] = slots.stdin ?? NO_SLOT;
  frame[9] = slots.stdout;
  frame[10] = slots.stderr;
  frame[11] = 0;
  frame.writeUInt32LE(command.args.length, 12);
  frame.write(text, HEAD_BYTES, 'latin1');
  return words.some((word) => word.includes('\0')) ? undefined : frame;
}

/** Reads answers as bytes arrive, however they are cut. Throws on what no fork server says. */
export function answerReader(): (chunk: Buffer) => readonly Answer[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const answers: Answer[] = [];
    let at = 0;
    for (; at + ANSWER_BYTES <= bytes.length; at += ANSWER_BYTES) answers.push(decodeAnswer(bytes, at));
    rest = bytes.subarray(at);
    return answers;
  };
}

function decodeAnswer(bytes: Buffer, at: number): Answer {
  const first = bytes.readInt32LE(at + 4);
  const second = bytes.readInt32LE(at + 8);
  const third = bytes.readInt32LE(at + 12);
  switch (bytes.readInt32LE(at)) {
    case 0:
      return { kind: 'ready', pid: second, descriptor: third };
    case 1:
      return { kind: 'pipe', slot: first, readEnd: second, writeEnd: third };
    case 2:
      return { kind: 'started', id: first, pid: second };
    case 3:
      return { kind: 'failed', id: first, errno: second };
    case 4:
      return { kind: 'exited', id: first, code: second, signal: third, hasGroup: bytes.readInt32LE(at + 16) !== 0 };
    case 5:
      return { kind: 'noPipe', slot: first, errno: second };
    default:
      throw new Error(`a fork server answered with a frame of kind ${bytes.readInt32LE(at)}`);
  }
}
