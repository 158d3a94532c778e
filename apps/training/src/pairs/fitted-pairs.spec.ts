import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import { ClickModelTrainer } from '@adstocrat/tensorflow';
import { type FittedFeature, graphOf } from '@adstocrat/transforms';
import { type LoadedExamples, takeRows } from '../data/load-examples.ts';
import { MemoryRows } from '../data/memory-rows.ts';
import type { Candidate } from '../search/candidate.ts';
import { linearCandidate } from '../search/linear-candidate.ts';
import type { TrialData } from '../search/trial-data.ts';
import { exclusive, imageWorld, rowsOf, worldOf } from '../testing/small-world.ts';
import { fittedPairs } from './fitted-pairs.ts';

const { signal } = new AbortController();

async function fitted(data: TrialData, seed = 1): Promise<Candidate | undefined> {
  const linear = await linearCandidate(data, signal);
  if (linear === undefined) throw new Error('there is nothing to read');
  return fittedPairs(data, { linear, seed, budget: 12, signal });
}

/** What its layers say of examples, by TensorFlow. */
function said({ spec, best }: Candidate, examples: LoadedExamples, images?: Float32Array): Float32Array {
  const trainer = new ClickModelTrainer(spec, best?.weights ?? new Map(), {
    seed: 1,
    idCounts: new Float32Array(spec.inputs.idRows).fill(1),
  });
  if (images !== undefined) trainer.setImages(new Map([['image', images]]));
  const rows = Int32Array.from({ length: examples.rows }, (_, row) => row);
  const logits = trainer.logits(takeRows(examples, rows).batch);
  trainer.dispose();
  return logits;
}

/** `exclusive` with the second value so many times in a list, beside an id that all rows have `noise` times. */
function repeated(times: number, noise = 0): TrialData {
  const values = 8;
  const feature = (column: string, slots: number): FittedFeature => ({
    op: slots === 1 ? 'vocabulary' : 'list',
    columns: [column],
    slots,
    size: values,
    dims: 0,
    state: {},
  });
  const graph = graphOf([feature('a', 1), feature('b', times + noise)]);
  const listed = (rows: LoadedExamples): LoadedExamples => ({
    ...rows,
    fields: 1 + times + noise,
    ids: Int32Array.from({ length: rows.rows }, (_, row) => row).reduce(
      (ids, row) => {
        const [a, b] = [rows.ids[2 * row]!, rows.ids[2 * row + 1]!];
        const own = [a, ...Array<number>(times).fill(b), ...Array<number>(noise).fill(2 * values - 1)];
        ids.set(own, row * own.length);
        return ids;
      },
      new Int32Array(rows.rows * (1 + times + noise)),
    ),
  });
  return {
    graph,
    train: new MemoryRows(listed(rowsOf(3000, 1, exclusive))),
    validation: listed(rowsOf(1500, 2, exclusive)),
  };
}

/** 80 users, each of whom clicks on about a third of 60 things by chance, which no few numbers tell, and on others a hundredth as often. Rows to look at are of users from `from` on. */
function habitWorld(from = 0): TrialData {
  const [users, things] = [160, 60];
  const bits = splitMix32(17);
  const likes = Uint8Array.from({ length: users * things }, () => (bits() % 3 === 0 ? 1 : 0));
  const rows = (count: number, first: number): LoadedExamples => {
    const pairs = Array.from({ length: count }, () => [first + (bits() % 80), bits() % things] as const);
    return {
      rows: count,
      fields: 2,
      denseWidth: 0,
      ids: Int32Array.from(pairs.flatMap(([user, thing]) => [user, users + thing])),
      dense: new Float32Array(),
      labels: Float32Array.from(pairs, ([user, thing]) =>
        bits() / 2 ** 32 < (likes[user * things + thing] === 1 ? 0.9 : 0.02) ? 1 : 0,
      ),
    };
  };
  const feature = (column: string, size: number): FittedFeature => ({
    op: 'vocabulary',
    columns: [column],
    slots: 1,
    size,
    dims: 0,
    state: {},
  });
  return {
    graph: graphOf([feature('user', users), feature('thing', things)]),
    train: new MemoryRows(rows(12_000, 0)),
    validation: rows(3000, from),
  };
}

describe('fitted pairs', () => {
  it('remember what no few numbers tell, and say it by their layers', async () => {
    const data = habitWorld();
    const found = (await fitted(data))!;
    expect(found.name).toMatch(/, remembers user × thing$/u);
    // Liked: 96 % of the clicks, 5 % of all else, an AUC of .96 · .95 + (.96 · .05 + .04 · .95) ÷ 2 = .955; 71 % of rows have a pair that two training rows have.
    // Without what is remembered it comes to .80.
    expect(found.best?.auc).toBeGreaterThan(0.89);
    const logits = said(found, data.validation);
    for (const [row, logit] of logits.entries()) expect(logit).toBeCloseTo(found.best?.logits[row] ?? NaN, 4);
  });

  it('remember nothing of columns that requests do not give', async () => {
    const data = habitWorld();
    const fixed = [{ column: 'user', type: 'string', value: null } as const];
    const found = await fitted({ ...data, graph: { ...data.graph, fixed } });
    expect(found?.name ?? '').not.toContain('remembers');
  });

  it('do not count on what they remember where rows to come are of other users', async () => {
    const found = await fitted(habitWorld(80));
    expect(found?.name ?? '').not.toContain('remembers');
  });

  it('find what interacts', async () => {
    const found = await fitted(worldOf(exclusive));
    // Half of the pairs click with sigmoid(1.5) = .818, half with .182: the best AUC is .818² + .818 · .182 = .818.
    expect(found?.best?.auc).toBeGreaterThan(0.8);
  });

  it.each([2, 3, 8])('find it where a list holds a value %d times, and say so by their layers', async (times) => {
    const found = (await fitted(repeated(times)))!;
    expect(found.best?.auc).toBeGreaterThan(0.8);
    const { validation } = repeated(times);
    for (const [row, logit] of said(found, validation).entries())
      expect(logit).toBeCloseTo(found.best?.logits[row] ?? NaN, 4);
  });

  it('find it among words that mostly are unknown and share an id', async () => {
    const found = await fitted(repeated(3, 6));
    expect(found?.best?.auc).toBeGreaterThan(0.78);
  });

  it('say by their layers what they said while they were fitted', async () => {
    const data = worldOf(exclusive);
    const found = (await fitted(data))!;
    const logits = said(found, data.validation);
    for (const [row, logit] of logits.entries()) expect(logit).toBeCloseTo(found.best?.logits[row] ?? NaN, 4);
  });

  it('foretell who likes images that training never showed, and say it by their layers', async () => {
    const { data, vectors } = imageWorld();
    const linear = await linearCandidate(data, signal);
    const found = (await fitted(data))!;
    expect(found.best?.auc).toBeGreaterThan((linear?.best?.auc ?? 1) + 0.1);
    const logits = said(found, data.validation, vectors);
    for (const [row, logit] of logits.entries()) expect(logit).toBeCloseTo(found.best?.logits[row] ?? NaN, 4);
  });

  it('are the same to the last bit for the same seed', async () => {
    const [one, other] = [await fitted(worldOf(exclusive)), await fitted(worldOf(exclusive))];
    expect([...(one?.best?.weights ?? [])]).toEqual([...(other?.best?.weights ?? [])]);
    expect(one?.best?.logits).toEqual(other?.best?.logits);
  });

  it('are of all rows where a share of the negatives is left out', async () => {
    const all = rowsOf(24_000, 3, (a, b) => exclusive(a, b) - 1);
    let seen = 0;
    // Each fifth row with the label 0.
    const kept = Int32Array.from(all.labels.keys()).filter((row) => all.labels[row] === 1 || (seen += 1) % 5 === 0);
    const { batch, labels } = takeRows(all, kept);
    const few = { ...batch, fields: 2, denseWidth: 0, labels };
    const data = { ...worldOf((a, b) => exclusive(a, b) - 1), train: new MemoryRows(few, 0.2) };
    const found = await fitted(data);
    // Half click with sigmoid(.5) = .622, half with sigmoid(−2.5) = .076: .349 of all rows.
    let mean = 0;
    for (const logit of found?.best?.logits ?? []) mean += 1 / (1 + Math.exp(-logit)) / 1500;
    expect(Math.abs(mean - 0.349)).toBeLessThan(0.04);
  });

  it('count rows by their weights', async () => {
    // Half of the rows click by the opposite law, and count a hundredth.
    const [own, other] = [rowsOf(3000, 1, exclusive), rowsOf(3000, 4, exclusive)];
    const mixed = {
      ...own,
      rows: 6000,
      ids: Int32Array.from([...own.ids, ...other.ids]),
      labels: Float32Array.from([...own.labels, ...other.labels.map((label) => 1 - label)]),
      weights: Float32Array.from({ length: 6000 }, (_, row) => (row < 3000 ? 1.98 : 0.02)),
    };
    const found = await fitted({ ...worldOf(exclusive), train: new MemoryRows(mixed) });
    expect(found?.best?.auc).toBeGreaterThan(0.8);
  });

  it('leave out what a list is padded with', async () => {
    const feature = (column: string, slots: number): FittedFeature => ({
      op: slots > 1 ? 'list' : 'vocabulary',
      columns: [column],
      slots,
      size: 8,
      unknown: { first: 7, count: 1 },
      dims: 0,
      state: {},
    });
    // The second field's value stands in the first of three slots, the others are empty.
    const padded = ({ ids, ...rows }: LoadedExamples): LoadedExamples => ({
      ...rows,
      fields: 4,
      ids: Int32Array.from(
        { length: rows.rows * 4 },
        (_, at) => [ids[(at >> 2) * 2]!, ids[(at >> 2) * 2 + 1]!, 8, 8][at & 3]!,
      ),
    });
    const data: TrialData = {
      graph: graphOf([feature('a', 1), feature('b', 3)]),
      train: new MemoryRows(padded(rowsOf(3000, 1, exclusive))),
      validation: padded(rowsOf(1500, 2, exclusive)),
    };
    const found = (await fitted(data))!;
    expect(found.best?.auc).toBeGreaterThan(0.8);
    const { units } = found.spec.layers.find((layer) => layer.op === 'embedding')!;
    expect(found.best?.weights.get('embedding.table')?.slice(8 * units, 9 * units)).toEqual(new Float32Array(units));
  });

  it('are no candidate where a row has one id alone, and where numbers are not finite', async () => {
    const single = ({ ids, ...rows }: LoadedExamples): LoadedExamples => ({
      ...rows,
      fields: 1,
      ids: ids.filter((_, at) => at % 2 === 0),
    });
    const law = (a: number): number => a - 2;
    const { graph } = worldOf(law);
    const data = {
      graph: { ...graph, fields: graph.fields.slice(0, 1) },
      train: new MemoryRows(single(rowsOf(3000, 1, law))),
      validation: single(rowsOf(1500, 2, law)),
    };
    expect(await fitted(data)).toBeUndefined();
    const broken = (rows: LoadedExamples, at: number): LoadedExamples => ({
      ...rows,
      denseWidth: 1,
      dense: Float32Array.from({ length: rows.rows }, (_, row) => (row === at ? NaN : 0)),
    });
    const world = worldOf(exclusive);
    const train = new MemoryRows(broken(rowsOf(3000, 1, exclusive), 7));
    expect(await fitted({ ...world, train, validation: broken(world.validation, -1) })).toBeUndefined();
  });

  it('end with the reason when aborted', async () => {
    const data = worldOf(exclusive);
    const linear = (await linearCandidate(data, signal))!;
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(fittedPairs(data, { linear, seed: 1, budget: 12, signal: stop.signal })).rejects.toThrow('enough');
  });
});
