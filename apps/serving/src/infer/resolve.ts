import type { Routing } from '@adstocrat/servables';
import type { ModelTable } from '../models/model-table.ts';
import type { ServedModel } from '../models/served-model.ts';
import { UnknownLabel, UnknownModel, VersionNotAvailable } from './inference-failure.ts';
import type { ModelTarget } from './inference-request.ts';

/** A target that is there. */
export interface ResolvedTarget {
  readonly served: ServedModel;
  readonly routing: Routing;
  /** The version that the target names, by number or label, available now; absent where the split decides. */
  readonly version?: number;
}

/** Throws {@link UnknownModel}, {@link UnknownLabel} or {@link VersionNotAvailable}. */
export function resolve(models: ModelTable, { model, version, label }: ModelTarget): ResolvedTarget {
  const served = models.get(model);
  // There is no routing while its first version is still loading.
  const routing = served?.routing;
  if (label !== undefined && version === undefined) {
    const labelled = routing !== undefined && Object.hasOwn(routing.labels, label) ? routing.labels[label] : undefined;
    if (labelled === undefined) throw new UnknownLabel(model, label);
    return available(served as ServedModel, routing as Routing, labelled);
  }
  if (served === undefined || routing === undefined) {
    if (version === undefined || served === undefined) throw new UnknownModel(model, version);
    throw new VersionNotAvailable(model, version, served.stateOf(version) !== undefined);
  }
  return version === undefined ? { served, routing } : available(served, routing, version);
}

function available(served: ServedModel, routing: Routing, version: number): ResolvedTarget {
  if (!served.isAvailable(version))
    throw new VersionNotAvailable(served.name, version, served.stateOf(version) !== undefined);
  return { served, routing, version };
}
