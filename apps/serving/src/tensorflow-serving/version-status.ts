import { NotFound } from '@adstocrat/service-kit';
import type { ModelTable } from '../models/model-table.ts';
import type { ServedState } from '../models/served-model.ts';

/** A version's state as both protocols tell it. */
export interface VersionStatus {
  readonly version: number;
  readonly state: ServedState;
  readonly error: string;
}

/** The states of a model's versions, or of the one asked for. Throws {@link NotFound}, in TensorFlow Serving's words. */
export function statusOf(models: ModelTable, name: string, version?: bigint): readonly VersionStatus[] {
  const states = models.get(name)?.states() ?? [];
  if (version === undefined) {
    if (states.length === 0) throw new NotFound(`Could not find any versions of model ${name}`);
    return states;
  }
  const found = states.filter((one) => BigInt(one.version) === version);
  if (found.length === 0) throw new NotFound(`Could not find version ${version} of model ${name}`);
  return found;
}
