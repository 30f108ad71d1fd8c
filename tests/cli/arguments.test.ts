import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Command, readArguments } from '../../server/cli/arguments.ts';
import { errorOf } from '../config/loading.ts';

const isFolder = (path: string) => path === 'site';
const read = (...words: string[]): Command => readArguments(words, isFolder);
const siteOf = (command: Command) => ('options' in command ? command.options.site : 'no options');

describe('the command line (PRODUCT.md section 3)', () => {
  it('serves when there is no command', () => {
    for (const words of [[], ['serve'], ['--port', '1']]) {
      const command = read(...words);
      assert.deepEqual([command.kind, siteOf(command)], ['serve', undefined]);
    }
  });

  it('takes a first word that is a folder, or holds "/" or ".", for a SITE', () => {
    for (const word of ['site', './absent', 'a/b', '.', '..', 'example.org', '/'])
      assert.equal(siteOf(read(word)), word);
  });

  it('refuses another word, and says what was meant', () => {
    const hints = {
      sreve: 'did you mean cgibox serve?',
      helth: 'did you mean cgibox health?',
      conf: 'did you mean cgibox config?',
      frobnicate: 'write one of serve, doctor, smoke, exec, config, health, sendmail, or ./frobnicate for a folder',
    };
    for (const [word, hint] of Object.entries(hints)) {
      const error = errorOf(() => read(word));
      assert.equal(error.code, 'USAGE');
      assert.equal(error.message, `Cannot run "${word}": there is no such command or folder`);
      assert.equal(error.hint, hint);
    }
  });

  it('refuses an empty argument, which is no folder', () => {
    for (const words of [[''], ['serve', ''], ['doctor', ''], ['config', '--check', '']]) {
      const error = errorOf(() => read(...words));
      assert.deepEqual([error.code, error.message], ['USAGE', 'Cannot read an empty argument: it names nothing']);
    }
  });

  it('reads flags anywhere, with "=" or a space', () => {
    const command = read('--port=81', 'serve', '--host', '::1', 'site', '--json', '-q', '--no-color', '--config', 'f');
    assert.deepEqual(command, {
      kind: 'serve',
      options: {
        site: 'site',
        file: 'f',
        settings: [
          { flag: '--host', key: 'server.host', text: '::1' },
          { flag: '--port', key: 'server.port', text: '81' },
        ],
        json: true,
        quiet: true,
        verbose: false,
        colour: false,
      },
    });
  });

  it('takes what follows "--" for words', () => {
    assert.equal(siteOf(read('serve', '--', '--odd-name')), '--odd-name');
  });

  it('refuses what it does not know or cannot use', () => {
    const mistakes: readonly (readonly [string, string, string])[] = [
      ['--prot 1', 'Cannot read "--prot": there is no such flag', 'did you mean --port?'],
      ['-x', 'Cannot read "-x": there is no such flag', 'see cgibox --help'],
      ['--check', 'Cannot read "--check": there is no such flag', 'see cgibox --help'],
      ['--port', 'Cannot read "--port": its value is missing', 'write --port PORT'],
      ['--port --json', 'Cannot read "--port": its value is missing', 'write --port PORT'],
      ['--port=', 'Cannot read "--port": its value is missing', 'write --port PORT'],
      ['--json=yes', 'Cannot give a value to "--json": it is a switch', 'write --json alone'],
      ['serve a b', 'Cannot serve more than one SITE: "a" "b"', 'give one folder'],
      ['-q --verbose', 'Cannot be both "--quiet" and "--verbose": they contradict each other', 'give one of them'],
      ['config --check --schema', 'Cannot do both "--check" and "--schema": they are two results', 'give one of them'],
    ];
    for (const [line, message, hint] of mistakes) {
      const error = errorOf(() => read(...line.split(' ')));
      assert.deepEqual([error.code, error.message, error.hint], ['USAGE', message, hint], line);
    }
  });

  it('helps with everything, or with one command', () => {
    const topics = {
      '--help': undefined,
      help: undefined,
      'help config': 'config',
      'health -h': 'health',
      '-h serve': 'serve',
    };
    for (const [line, topic] of Object.entries(topics)) {
      const command = read(...line.split(' '));
      assert.equal(command.kind, 'help');
      assert.equal('about' in command && command.about?.name, topic, line);
    }
  });
});
