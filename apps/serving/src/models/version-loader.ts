import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskFull } from '@adstocrat/service-kit';
import { counter, type Logger } from '@adstocrat/service-kit/telemetry';
import { MissingPersonalKey } from '../infer/personal-columns.ts';
import { servableFolder, type WantedVersion } from './fetch-servable.ts';
import { LoadFailures } from './load-failures.ts';
import type { Loaded, ServedModel } from './served-model.ts';

const loads = counter('adstocrat.serving.model.loads', {
  unit: '{load}',
  description: 'Versions that were loaded, or were not, each try counted.',
});

/** Times a load that fails is tried: a store that is away for a moment is no reason against a version. */
const loadAttempts = 3;

/** Loads versions, wherever they come from. One that does not load is told with its error, and not tried again at once. */
export class VersionLoader {
  readonly #workDir: string;
  readonly #logger: Logger;
  readonly failures = new LoadFailures();

  constructor({ workDir, logger }: { readonly workDir: string; readonly logger: Logger }) {
    this.#workDir = workDir;
    this.#logger = logger;
  }

  /** `open`: brings the version here, and what it gives has answered. Resolves when the version is available or has failed. */
  async load(model: ServedModel, wanted: WantedVersion, open: () => Promise<Loaded>): Promise<void> {
    const { name } = model;
    const { version } = wanted;
    model.mark(version, 'loading');
    for (let attempt = 1; ; attempt += 1) {
      const begunMs = performance.now();
      try {
        model.put(version, await open());
        this.failures.forget(name, wanted);
        loads.add(1, { model: name, version, outcome: 'loaded' });
        this.#logger.info({ model: name, version, ms: Math.round(performance.now() - begunMs) }, 'version loaded');
        return;
      } catch (error) {
        if (error instanceof Unwanted) return model.mark(version, 'end');
        // A copy that is damaged is fetched anew.
        const keyless = error instanceof MissingPersonalKey;
        if (!keyless) await rm(servableFolder(this.#workDir, name, wanted), { recursive: true, force: true });
        loads.add(1, { model: name, version, outcome: 'failed' });
        this.#logger.error({ err: error, model: name, version, attempt }, 'version not loaded');
        if (keyless || error instanceof Unloadable || attempt >= loadAttempts) {
          model.mark(version, 'end', diskFull(error) ?? (error as Error).message);
          this.failures.add(name, wanted);
          return;
        }
        await sleep(200 * attempt);
      }
    }
  }
}

/** Why a version is not loaded: its model was taken out of service meanwhile. */
export class Unwanted extends Error {
  override readonly name = 'Unwanted';

  constructor() {
    super('the model was taken out of service');
  }
}

/** Why a version cannot be loaded that trying again at once does not change. */
export class Unloadable extends Error {
  override readonly name = 'Unloadable';
}
