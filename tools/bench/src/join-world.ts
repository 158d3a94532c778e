import { digestOf } from '@adstocrat/artifact-folders';
import { createJson, joinUri } from '@adstocrat/artifact-store';
import { openArtifactStore, openMetadata } from '@adstocrat/adapters';
import { type EventBus, uuidV7 } from '@adstocrat/event-bus';
import { openPool } from '@adstocrat/postgres-client';
import { events, topics } from '@adstocrat/schemas';
import { Task, taskYaml } from '@adstocrat/tasks';

/** The model whose predictions are joined. */
export const model = 'ads';
/** A model whose predictions stay open: its window is a day. */
const waiting = 'wide';
export const windowS = 10;

const texts = Array.from({ length: 9 }, (_, index) => `c${index}`);
const numbers = Array.from({ length: 8 }, (_, index) => `n${index}`);
const valuesOf = (index: number): number => [50, 1000, 20, 8, 500, 12, 100, 5, 30][index] ?? 10;

/** Tasks, and a version in service with statistics of the span it was trained on: monitors have all that they ask for. */
export async function registerModels(databaseUrl: string, artifactsUrl: string): Promise<void> {
  const metadata = await openMetadata(databaseUrl);
  await metadata.migrate();
  for (const [name, window] of [
    [model, `${windowS}s`],
    [waiting, '24h'],
  ] as const) {
    const task = Task.parse({ name, data: { examples: ['*.csv'] }, label: 'clicked', window });
    await metadata.putTask({ name, yaml: '', resolvedYaml: taskYaml(task), dataUri: 'file:///data', updatedAtMs: 0 });
  }
  const uri = joinUri(artifactsUrl, 'span');
  const store = await openArtifactStore(artifactsUrl);
  const rows = 100_000;
  const columns = [
    ...texts.map((name, index) => {
      const distinct = valuesOf(index);
      const top = Array.from({ length: distinct }, (_, n) => ({ value: `v${n}`, count: Math.floor(rows / distinct) }));
      return { name, type: 'string', present: rows, missing: 0, categorical: { distinct, top } };
    }),
    ...numbers.map((name) => {
      const numeric = { min: -1, max: 1, mean: 0, deciles: Array.from({ length: 11 }, (_, n) => (n - 5) / 5) };
      return { name, type: 'number', present: rows, missing: 0, numeric };
    }),
  ];
  await createJson(store, joinUri(uri, 'statistics.json'), { version: 1, rows, positives: 5000, columns });
  const schema = columns.map(({ name, type }) => ({ name, type, role: 'feature', minPresence: 1 }));
  await createJson(store, joinUri(uri, 'data-schema.json'), { version: 1, columns: schema });
  const digest = digestOf({ files: {} });
  await createJson(store, joinUri(uri, 'span.json'), { files: {}, digest });
  await metadata.putSpan({
    task: model,
    span: 1,
    kind: 'batch',
    uri,
    digest,
    inputDigest: '',
    trainRows: rows,
    validationRows: 0,
    testRows: 0,
    rejectedRows: 0,
    images: 0,
    rejectedImages: 0,
    anomalies: [],
    notes: [],
    ready: true,
    createdAtMs: 0,
  });
  await metadata.addVersion({
    model,
    version: 1,
    uri: '',
    digest: '',
    runId: 'r',
    spans: [1],
    state: 'deployed',
    blessed: true,
    reasons: [],
    evaluation: { candidate: { auc: 0.7 } },
    updatedAtMs: 0,
  });
  await metadata.appendDeployment({
    model,
    revision: 1,
    versions: [{ version: 1, uri: '', digest: '' }],
    labels: { stable: 1 },
    reason: '',
    split: [{ version: 1, basisPoints: 10_000 }],
    changedAtMs: 0,
  });
  await metadata.close();
}

/** A scored row of 17 features, about 420 bytes. */
export function prediction(id: string, n: number): events.PredictionMade {
  const features: events.PredictionMade['features'] = {};
  for (const [index, name] of texts.entries()) features[name] = { text: `v${(n * 31 + index) % valuesOf(index)}` };
  for (const [index, name] of numbers.entries()) features[name] = { number: (((n + index) * 37) % 201) / 100 - 1 };
  return {
    predictionId: id,
    model,
    version: 1,
    score: 0.01 + ((n * 37) % 1000) / 10_000,
    features,
    eventTimeMs: 0,
    servedAtMs: Date.now(),
    imageDigest: '',
  };
}

/** Publishes `rows` predictions and a click for every twentieth, soon after its prediction. */
export async function fillBus(bus: EventBus, rows: number): Promise<void> {
  const chunk = 1000;
  for (let first = 0; first < rows; first += chunk) {
    const made = Array.from({ length: Math.min(chunk, rows - first) }, (_, n) => prediction(uuidV7(), first + n));
    await bus.publish(
      topics.predictionMade,
      made.map((event) => {
        const { predictionId: key } = event;
        return { id: `prediction.made/${model}/${key}`, key, source: 'bench', event };
      }),
    );
    await bus.publish(
      topics.clickSeen,
      made
        .filter((_, n) => (first + n) % 20 === 0)
        .map(({ predictionId }) => ({
          key: predictionId,
          source: 'bench',
          event: { predictionId, eventTimeMs: 0, model: '' },
        })),
    );
  }
}

/** Lays `rows` open predictions of the last 20 hours into feedback's tables, in slices of five hours. */
export async function layOpen(databaseUrl: string, rows: number): Promise<void> {
  const pool = openPool(databaseUrl, { statementTimeoutMs: 3_600_000 });
  const sliceMs = 5 * 3_600_000;
  const nowMs = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
  const event = Buffer.from(events.PredictionMade.encode(prediction(uuidV7(), 0)).finish());
  for (let slice = 4; slice > 0; slice -= 1) {
    const fromMs = nowMs - slice * sliceMs;
    await pool.query('INSERT INTO feedback.slices (from_ms, to_ms) VALUES ($1, $2)', [fromMs, fromMs + sliceMs]);
    for (const table of ['predictions', 'facts']) {
      const name = `feedback.${table}_${fromMs}`;
      await pool.query(`CREATE TABLE ${name} (LIKE feedback.${table} INCLUDING ALL)`);
      await pool.query(`ALTER TABLE feedback.${table} ATTACH PARTITION ${name} FOR VALUES IN (${fromMs})`);
    }
    const own = Math.floor(rows / 4);
    for (let first = 0; first < own; first += 250_000) {
      await pool.query(
        `INSERT INTO feedback.predictions (slice, prediction_id, model, lane, seen_ms, served_ms, version, score, event)
         SELECT $1::bigint, md5(n::text || ($1::bigint)::text), $2, n & 3, $1::bigint + n * $3::bigint / $4, $1::bigint + n * $3::bigint / $4, 1, 0.1, $5
         FROM generate_series($6::bigint, $7::bigint) n`,
        [fromMs, waiting, sliceMs, own, event, first, Math.min(own, first + 250_000) - 1],
      );
    }
  }
  await pool.query(
    `INSERT INTO feedback.counts (model, name, lane, count) VALUES ($1, 'predictions', 0, $2) ON CONFLICT DO NOTHING`,
    [waiting, rows],
  );
  await pool.query('ANALYZE feedback.predictions');
  await pool.query('CHECKPOINT').catch(() => undefined);
  await pool.end();
}
