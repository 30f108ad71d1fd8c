// The image that the suite looks at: this Dockerfile, built unchanged, on an engine that is found or started.
// One per test file; every container that a test starts is gone when the test ends.
import { join } from 'node:path';
import { after, describe } from 'node:test';
import { ensureBaseImage } from './base-image.ts';
import { mustRun, type Outcome, run } from './command.ts';
import { Container } from './container.ts';
import { type Engine, startEngine } from './engine.ts';
import type { Cleaning } from './site-folder.ts';

export const REPOSITORY = join(import.meta.dirname, '..', '..');
export const IMAGE = 'cgibox';

export class ImageUnderTest {
  readonly #engine: Engine;
  readonly #cleanUps: (() => unknown)[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** What a process needs to talk to the engine. */
  get environment(): Engine['environment'] {
    return this.#engine.environment;
  }

  /** Any docker command, whatever its exit code. */
  docker(...words: readonly string[]): Promise<Outcome> {
    return run('docker', words, { environment: this.#engine.environment, folder: REPOSITORY });
  }

  /** A docker command that must succeed: its output, trimmed. */
  async mustDocker(...words: readonly string[]): Promise<string> {
    return mustRun('docker', words, { environment: this.#engine.environment, folder: REPOSITORY });
  }

  /** `docker run --rm` to its end. `options` stand before the image, `words` after it. */
  runOnce(options: readonly string[], ...words: readonly string[]): Promise<Outcome> {
    return this.docker('run', '--rm', '--network=none', ...options, IMAGE, ...words);
  }

  /** `docker run -d` with a port on loopback; settles when the server answers. */
  async start(t: Cleaning, options: readonly string[] = [], ...words: readonly string[]): Promise<Container> {
    const id = await this.mustDocker('run', '-d', '-p', '127.0.0.1::8000', ...options, IMAGE, ...words);
    t.after(() => this.docker('rm', '--force', id));
    const container = new Container((...all) => this.docker(...all), id);
    await container.untilHealthy();
    return container;
  }

  /** What is started or made with the image itself as `t` lasts until the test file ends. */
  after(cleanUp: () => unknown): void {
    this.#cleanUps.push(cleanUp);
  }

  /** Builds what `docker build .` builds. */
  async build(): Promise<void> {
    await ensureBaseImage({ environment: this.environment });
    await this.mustDocker('build', '--quiet', '--tag', IMAGE, '.');
  }

  async stop(): Promise<void> {
    for (const cleanUp of this.#cleanUps.splice(0).reverse()) await cleanUp();
    await this.#engine.stop();
  }
}

/**
 * Describes what the image does: starts the engine, builds the image, and leaves nothing running.
 * Without an engine: skipped with the reason, or in CI an error.
 */
export async function describeImage(name: string, define: (image: ImageUnderTest) => void | Promise<void>) {
  const engine = await startEngine();
  if (engine.kind === 'absent') {
    const reason = `no container engine can run here: ${engine.reason}`;
    if (process.env.CI) throw new Error(reason);
    describe(name, { skip: reason }, () => {});
    return;
  }
  const image = new ImageUnderTest(engine);
  after(() => image.stop());
  try {
    await image.build();
    await define(image);
  } catch (error) {
    await image.stop();
    throw error;
  }
}
