import type { Metadata, VersionRecord } from '@adstocrat/metadata';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { DamagedArtifact } from './fetch-artifact.ts';

/** Times an evaluation that throws is tried: a store that is away for a moment is no reason against a model. */
const attempts = 3;

export interface EvaluateOrRefuseOptions {
  readonly metadata: Metadata;
  readonly evaluate: (version: VersionRecord, signal: AbortSignal) => Promise<VersionRecord>;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** Closed by default: a version that cannot be evaluated is not blessed, and the error is the reason. */
export class EvaluateOrRefuse {
  readonly #options: EvaluateOrRefuseOptions;
  readonly #failures = new Map<string, number>();

  constructor(options: EvaluateOrRefuseOptions) {
    this.#options = options;
  }

  /** Records a judgement, or throws to be called again. */
  async run(version: VersionRecord, signal: AbortSignal): Promise<void> {
    const { evaluate, logger, metadata, nowMs } = this.#options;
    const key = `${version.model}/${version.version}`;
    try {
      const judged = await evaluate(version, signal);
      logger.info(
        { model: judged.model, version: judged.version, reasons: judged.reasons },
        judged.blessed ? 'blessed' : 'not blessed',
      );
    } catch (error) {
      if (signal.aborted) throw error;
      // While the registry is away nothing can be recorded, and nothing is held against the model.
      await metadata.ping();
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      if (failures < attempts && !(error instanceof DamagedArtifact)) throw error;
      const reasons = [`it could not be evaluated: ${reasonOf(error)}`];
      await metadata.putVersion({ ...version, state: 'not_blessed', blessed: false, reasons, updatedAtMs: nowMs() });
      logger.error({ model: version.model, version: version.version, err: error }, 'not blessed');
    }
    this.#failures.delete(key);
  }
}

/** What was being attempted, and why it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && !error.message.includes(error.cause.message)
    ? `${error.message}: ${error.cause.message}`
    : error.message;
}
