// What `log.level: debug` tells of a request while it goes on: what its URL means, and each step of its script.
import type { RunObserver } from '../cgi/run-observer.ts';
import { type ByteString, bytesOfText } from '../config/byte-string.ts';
import type { Target } from '../site/request-target.ts';
import type { Resource } from '../site/resource.ts';

/** `said` gets each step, without a line end. */
export function debugRun(observer: RunObserver, said: (step: ByteString) => void): RunObserver {
  return {
    ...observer,
    tolerated: (tolerance) => {
      said(`tolerated: ${tolerance}`);
      observer.tolerated(tolerance);
    },
    started: (run) => {
      const { file, args, workingDirectory } = run.command;
      said(`started by ${run.runner} as process ${run.pid} in ${workingDirectory}: ${[file, ...args].join(' ')}`);
      observer.started(run);
    },
    exited: (exit) => {
      said(exit.kind === 'exited' ? `ended with exit status ${exit.code}` : `ended by ${exit.signal}`);
      observer.exited(exit);
    },
    remark: (text) => {
      said(bytesOfText(text));
      observer.remark(text);
    },
  };
}

export function meaningOf({ raw }: Target, resource: Resource): ByteString {
  switch (resource.kind) {
    case 'script': {
      const { scriptFile, pathInfo } = resource.place;
      return `${raw} is the script ${scriptFile}${pathInfo === '' ? '' : `, PATH_INFO ${pathInfo}`}`;
    }
    case 'file':
      return `${raw} is the file ${resource.file.file}`;
    case 'directory':
      return `${raw} is the folder ${resource.folder.folder}`;
    case 'movedTo':
      return `${raw} is at ${resource.location}`;
    case 'absent':
      return `${raw} is nothing`;
    case 'refused':
      return `${raw} is refused: ${resource.reason}`;
    default:
      return resource satisfies never;
  }
}
