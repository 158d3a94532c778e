import type { Weights } from '@adstocrat/models';
import type { PairInputs } from '../pairs/pair-beliefs.ts';
import { pairLogits } from '../pairs/pair-logits.ts';
import type { PairRows } from '../pairs/pair-rows.ts';
import type { Turns } from '../pairs/turns.ts';
import { chooseCrosses } from './choose-crosses.ts';
import { type CrossedRows, crossedRows } from './crossed-rows.ts';
import type { IdRows, Places } from './pair-numbers.ts';

/** The crosses whose rows tell something beyond a linear part, clearest first; or those of `chosen` features. `shown`: rows to look at. */
export async function findCrosses(
  { examples, offsets, shift, starts }: PairRows,
  { tableOf, singles }: PairInputs,
  linear: Weights,
  shown: IdRows,
  turns: Turns,
  chosen?: readonly Places[],
): Promise<readonly CrossedRows[]> {
  const known = (id: number): boolean => starts[id] !== starts[id + 1];
  if (chosen !== undefined) return crossedRows(examples, shown, chosen, { known, turns });
  const mean = Float64Array.from(linear.get('wide.table') ?? new Float32Array(tableOf.length));
  const bias = (linear.get('logit.bias')?.[0] ?? 0) + shift;
  const logits = await pairLogits({ bias, wide: { mean }, factors: [] }, examples, offsets, turns);
  const chances = logits.map((logit) => 1 / (1 + Math.exp(-logit)));
  return crossedRows(examples, shown, await chooseCrosses({ examples, chances }, singles, turns), { known, turns });
}
