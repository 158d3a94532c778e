import { type BlendPart, blendModels, type ModelSpec, type Weights } from '@adstocrat/models';
import type { Candidate } from './candidate.ts';

/** A member of a blend, and the slope that its logits are calibrated by. */
export interface BlendMember extends Pick<Candidate, 'spec' | 'best'> {
  readonly slope: number;
}

/** The mean of members' calibrated logits as one model, or the one as it is, with what it says of the validation rows. Members without a look say nothing. */
export function blendCandidates(
  members: readonly BlendMember[],
  rows: number,
): { readonly spec: ModelSpec; readonly weights: Weights; readonly logits: Float32Array } {
  const parts: BlendPart[] = [];
  const logits = new Float32Array(rows);
  for (const { spec, best, slope } of members) {
    if (best === undefined) continue;
    const share = members.length === 1 ? 1 : slope / members.length;
    parts.push({ spec, weights: best.weights, share });
    for (let row = 0; row < rows; row += 1) logits[row]! += share * best.logits[row]!;
  }
  return { ...blendModels(parts), logits };
}
