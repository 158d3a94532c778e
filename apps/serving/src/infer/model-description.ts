import type { Routing } from '@adstocrat/servables';
import type { ModelTable } from '../models/model-table.ts';
import type { ServedState } from '../models/served-model.ts';
import { VersionNotAvailable } from './inference-failure.ts';
import type { ModelTarget } from './inference-request.ts';
import type { ModelSignature } from './model-signature.ts';
import { resolve } from './resolve.ts';
import type { TensorSignature } from './tensors/tensor-signature.ts';

/** What a protocol's metadata says of a model. */
export interface ModelDescription {
  readonly model: string;
  /** The version described: the one asked for, else the one that all requests go to, else the stable one. */
  readonly version: number;
  readonly signature: ModelSignature | TensorSignature;
  /** All that are or were here, ascending. */
  readonly versions: readonly { readonly version: number; readonly state: ServedState; readonly error: string }[];
  readonly labels: Readonly<Record<string, number>>;
}

/** Throws what {@link resolve} throws. */
export function describe(models: ModelTable, target: ModelTarget): ModelDescription {
  const { served, routing, version: asked } = resolve(models, target);
  const version = asked ?? usualVersion(routing);
  const signature = version === undefined ? undefined : served.signatureOf(version);
  if (version === undefined || signature === undefined) throw new VersionNotAvailable(target.model, version, true);
  return {
    model: target.model,
    version,
    signature,
    // Every infer request is described, and only metadata asks for this.
    get versions() {
      return served.states();
    },
    labels: routing.labels,
  };
}

function usualVersion({ labels, split }: Routing): number | undefined {
  const shares = split.filter(({ basisPoints }) => basisPoints > 0);
  return shares.length === 1 ? shares[0]?.version : (labels['stable'] ?? shares[0]?.version);
}
