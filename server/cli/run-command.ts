// argv → command → exit code. Each command is loaded only when it is asked for: start-up stays short.
import { resolve } from 'node:path';
import { isFolder } from '../config/site-layout.ts';
import { type Command, readArguments } from './arguments.ts';
import { enterImage, isInImage } from './image.ts';
import { mayColour, reportError, type Shell } from './shell.ts';
import { helpText } from './usage.ts';
import { versionOf } from './version.ts';

/** Runs the command that the words ask for; settles with the exit code when it is done. Never rejects. */
export async function runCommand(words: readonly string[], shell: Shell): Promise<number> {
  const flag = !words.includes('--no-color');
  const inColour = mayColour(shell.stderr, { environment: shell.environment, flag });
  try {
    const inImage = isInImage(shell.environment);
    const command = readArguments(words, (path) => isFolder(resolve(shell.workingDirectory, path)));
    return await carryOut(inImage ? enterImage(command, shell) : command, shell);
  } catch (error) {
    return reportError(error, shell, inColour);
  }
}

async function carryOut(command: Command, shell: Shell): Promise<number> {
  switch (command.kind) {
    case 'help':
      shell.stdout.write(helpText(command.about));
      return 0;
    case 'version':
      shell.stdout.write(`cgibox ${versionOf(shell)}\n`);
      return 0;
    case 'serve': {
      const { serve } = await import('./serve.ts');
      return serve(command.options, shell);
    }
    case 'config': {
      const { showConfig } = await import('./show-config.ts');
      return showConfig(command, shell);
    }
    case 'exec': {
      const { exec } = await import('./exec.ts');
      return exec(command, shell);
    }
    case 'doctor': {
      const { doctor } = await import('./doctor.ts');
      return doctor(command, shell);
    }
    case 'smoke': {
      const { smoke } = await import('./smoke.ts');
      return smoke(command, shell);
    }
    case 'health': {
      const { health } = await import('./health.ts');
      return health(command.options, shell);
    }
    default:
      return command satisfies never;
  }
}
