// The frames between Node and a fork server (fork-server.py, warm-perl.pl), which must be changed together.
// Bytes stay bytes: words are latin1 here, raw there, with NUL between them as the system itself has it.
import type { Command } from './launcher.ts';

/** The descriptors of a script, by their numbers in it. */
export type OutputNumber = 1 | 2;

export type Answer =
  /** The fork server can be used, if Node can open this descriptor of it. */
  | { readonly kind: 'ready'; readonly pid: number; readonly descriptor: number }
  /** `stdin`: descriptor of the fork server, to be opened through /proc and released; absent without a body. */
  | { readonly kind: 'started'; readonly id: number; readonly pid: number; readonly stdin: number | undefined }
  | { readonly kind: 'failed'; readonly id: number; readonly errno: number }
  /** What the script wrote; `isEnd`: and no more will come. */
  | {
      readonly kind: 'output';
      readonly id: number;
      readonly number: OutputNumber;
      readonly isEnd: boolean;
      readonly bytes: Buffer;
    }
  /** What it writes further is for Node to read: a descriptor to be opened through /proc and released. */
  | { readonly kind: 'handOver'; readonly id: number; readonly number: OutputNumber; readonly descriptor: number }
  /** `signal` is 0 after an exit. `hasGroup`: processes of its group outlive it. */
  | {
      readonly kind: 'exited';
      readonly id: number;
      readonly code: number;
      readonly signal: number;
      readonly hasGroup: boolean;
    };

const HEAD_BYTES = 16;
const LAUNCH = 0;
const RELEASE = 1;
export const ANSWER_BYTES = 24;
/** A frame of length 0: end as soon as nothing is held for Node; the scripts are looked after. */
export const GOODBYE: Uint8Array = new Uint8Array(4);

/** Absent when a word holds a NUL, which no argument, path or variable can. */
export function encodeLaunch(id: number, command: Command): Buffer | undefined {
  const words = [command.workingDirectory, command.file, ...command.args];
  const { environment } = command;
  for (const name in environment) words.push(name, environment[name] ?? '');
  const text = words.join('\0');
  const frame = Buffer.allocUnsafe(HEAD_BYTES + text.length);
  writeHead(frame, { kind: LAUNCH, detail: command.hasBody ? 1 : 0, id, count: command.args.length });
  frame.write(text, HEAD_BYTES, 'latin1');
  return words.some((word) => word.includes('\0')) ? undefined : frame;
}

/** Node has opened that end, or does not want it: the fork server need not keep it. */
export function encodeRelease(id: number, number: 0 | OutputNumber): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES);
  writeHead(frame, { kind: RELEASE, detail: number, id, count: 0 });
  return frame;
}

interface Head {
  readonly kind: number;
  readonly detail: number;
  readonly id: number;
  readonly count: number;
}

function writeHead(frame: Buffer, { kind, detail, id, count }: Head): void {
  frame.writeUInt32LE(frame.length - 4, 0);
  frame[4] = kind;
  frame[5] = detail;
  frame.writeUInt16LE(0, 6);
  frame.writeUInt32LE(id, 8);
  frame.writeUInt32LE(count, 12);
}

/** Reads answers as bytes arrive, however they are cut. Throws on what no fork server says. */
export function answerReader(): (chunk: Buffer) => readonly Answer[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const answers: Answer[] = [];
    let at = 0;
    while (at + ANSWER_BYTES <= bytes.length) {
      const end = at + ANSWER_BYTES + bytes.readUInt32LE(at + 20);
      if (end > bytes.length) break;
      answers.push(decodeAnswer(bytes.subarray(at, end)));
      at = end;
    }
    rest = bytes.subarray(at);
    return answers;
  };
}

function decodeAnswer(frame: Buffer): Answer {
  const id = frame.readInt32LE(4);
  const first = frame.readInt32LE(8);
  const second = frame.readInt32LE(12);
  switch (frame[0]) {
    case 0:
      return { kind: 'ready', pid: first, descriptor: second };
    case 1:
      return { kind: 'started', id, pid: first, stdin: second < 0 ? undefined : second };
    case 2:
      return { kind: 'failed', id, errno: first };
    case 3:
      return {
        kind: 'output',
        id,
        number: numberOf(frame),
        isEnd: frame[2] === 1,
        bytes: frame.subarray(ANSWER_BYTES),
      };
    case 4:
      return { kind: 'handOver', id, number: numberOf(frame), descriptor: first };
    case 5:
      return { kind: 'exited', id, code: first, signal: second, hasGroup: frame.readInt32LE(16) !== 0 };
    default:
      throw new Error(`a fork server answered with a frame of kind ${frame[0]}`);
  }
}

function numberOf(frame: Buffer): OutputNumber {
  return frame[1] === 1 ? 1 : 2;
}
