import type { IncomingEvent } from '@adstocrat/event-bus';
import { type events, topics } from '@adstocrat/schemas';

export const model = 'shop';

/** Twelve o'clock of a day on the system's clock. */
export const noonMs = Date.UTC(2026, 0, 2, 12);

/** A labelled row of live traffic: 50 users, every fourth row clicked, every tenth without a price. */
export function labelled(
  row: number,
  change: Partial<events.PredictionMade> & { readonly labelledAtMs?: number } = {},
): events.ExampleLabelled {
  const { labelledAtMs = noonMs + row, ...prediction } = change;
  return {
    prediction: {
      predictionId: `live-${row}`,
      model,
      version: 1,
      score: 0.2,
      servedAtMs: labelledAtMs - 60_000,
      imageDigest: '',
      eventTimeMs: 1_770_000_000_000 + row,
      features: {
        user: { text: `u${row % 50}` },
        ...(row % 10 === 0 ? {} : { price: { integer: row % 7 } }),
        site: { text: 'site-new' },
        at: { text: '2026-02-02T00:00:00Z' },
      },
      ...prediction,
    },
    label: row % 4 === 0,
    labelledAtMs,
    openedAtMs: labelledAtMs - 60_000,
  };
}

/** As the bus hands it over. */
export function incoming(
  examples: readonly events.ExampleLabelled[],
  appendedMs = Date.now(),
): readonly IncomingEvent<events.ExampleLabelled>[] {
  return examples.map((event, index) => ({
    id: `example.labelled/${event.prediction?.model ?? ''}/${event.prediction?.predictionId ?? ''}`,
    key: event.prediction?.predictionId ?? '',
    topic: topics.exampleLabelled.name,
    partition: 0,
    position: String(index),
    appendedMs,
    headers: {},
    event,
  }));
}

export const range = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index);

export const taskYaml = `name: ${model}\ndata: {examples: ["*.csv"]}\nlabel: bought\nid: row\nunit: user\neventTime: at\nsplit: {by: hash, test: 20%, validation: 20%}\n`;

/** A drop of files that such a task is of. */
export function batchCsv(): string {
  const rows = range(0, 400).map((row) => {
    const minute = String(row % 60).padStart(2, '0');
    return `r${row},u${row % 40},2026-01-01T00:${minute}:00Z,${row % 7},site-${row % 3},${row % 5 === 0 ? 1 : 0}`;
  });
  return `row,user,at,price,site,bought\n${rows.join('\n')}\n`;
}
