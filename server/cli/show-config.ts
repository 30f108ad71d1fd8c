// cgibox config: the effective configuration, whether it is good, or its JSON Schema.
import { configText } from '../config/config-text.ts';
import { jsonSchemaText } from '../config/json-schema.ts';
import type { Command } from './arguments.ts';
import { loadConfiguration } from './load-configuration.ts';
import { mayColour, type Shell, warn } from './shell.ts';

type ConfigCommand = Extract<Command, { kind: 'config' }>;

/** @throws CgiboxError CONFIG_INVALID, CONFIG_UNREADABLE, SITE_UNUSABLE */
export function showConfig(command: ConfigCommand, shell: Shell): number {
  const { options, show } = command;
  if (show === 'schema') {
    shell.stdout.write(jsonSchemaText());
    return 0;
  }
  const loaded = loadConfiguration(options, shell);
  const inColour = mayColour(shell.stderr, { environment: shell.environment, flag: options.colour });
  for (const warning of loaded.warnings) warn(warning, shell, inColour);
  const { config, origins, warnings, file = null } = loaded;
  if (show === 'check') {
    const result = { ok: true, file, warnings };
    shell.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${file ?? 'zero configuration'}: good\n`);
    return 0;
  }
  shell.stdout.write(
    options.json ? `${JSON.stringify({ file, config, origins, warnings }, null, 2)}\n` : configText(loaded),
  );
  return 0;
}
