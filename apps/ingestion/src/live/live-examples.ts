import { Pool } from 'pg';
import { events } from '@adstocrat/schemas';

const statements = `
CREATE SCHEMA IF NOT EXISTS ingestion;
-- Labelled examples of live traffic until they are in a span; claimed by the retrain that closed it.
CREATE TABLE IF NOT EXISTS ingestion.live_examples (
  prediction_id text PRIMARY KEY, model text NOT NULL, event_ms bigint NOT NULL, retrain_id text, example bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS live_examples_unclaimed ON ingestion.live_examples (model) WHERE retrain_id IS NULL;
CREATE INDEX IF NOT EXISTS live_examples_claimed ON ingestion.live_examples (retrain_id) WHERE retrain_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS ingestion.retrains (retrain_id text PRIMARY KEY, model text NOT NULL);
`;

/** Labelled live examples on their way into a span. Ingestion's own tables in PostgreSQL. */
export class LiveExamples {
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new Pool({ connectionString: url, max: 3, connectionTimeoutMillis: 5000 });
    // An idle connection that the server ends is not an error of anyone's query: the pool makes a new one.
    this.#pool.on('error', () => undefined);
  }

  /** Brings the tables to this code's version. Safe from several processes at once. */
  async migrate(): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(`SELECT pg_advisory_xact_lock(hashtext('adstocrat.ingestion'))`);
      await client.query(statements);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  /** Takes examples in. One that is there already is left as it is. */
  async add(examples: readonly events.ExampleLabelled[]): Promise<void> {
    const given = examples.flatMap((example) =>
      example.prediction === undefined ? [] : [{ example, prediction: example.prediction }],
    );
    await this.#pool.query(
      `INSERT INTO ingestion.live_examples (prediction_id, model, event_ms, example)
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[]) ON CONFLICT DO NOTHING`,
      [
        given.map(({ prediction }) => prediction.predictionId),
        given.map(({ prediction }) => prediction.model),
        given.map(({ prediction }) => Math.trunc(prediction.eventTimeMs)),
        given.map(({ example }) => Buffer.from(events.ExampleLabelled.encode(example).finish())),
      ],
    );
  }

  /**
   * The examples of a retrain: claimed at its first asking, the same ones for ever after. By event time, then by prediction id.
   */
  async claim(retrainId: string, model: string): Promise<readonly events.ExampleLabelled[]> {
    await this.#pool.query(
      `WITH first AS (
         INSERT INTO ingestion.retrains (retrain_id, model) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING retrain_id
       )
       UPDATE ingestion.live_examples SET retrain_id = $1
       WHERE model = $2 AND live_examples.retrain_id IS NULL AND EXISTS (SELECT 1 FROM first)`,
      [retrainId, model],
    );
    const { rows } = await this.#pool.query<{ example: Buffer }>(
      'SELECT example FROM ingestion.live_examples WHERE retrain_id = $1 ORDER BY event_ms, prediction_id',
      [retrainId],
    );
    return rows.map(({ example }) => events.ExampleLabelled.decode(example));
  }

  /** Gives examples back to the next retrain: they were too few for a span. */
  async giveBack(retrainId: string): Promise<void> {
    await this.#pool.query('UPDATE ingestion.live_examples SET retrain_id = NULL WHERE retrain_id = $1', [retrainId]);
  }

  /** Removes examples that are in a span. */
  async forget(retrainId: string): Promise<void> {
    await this.#pool.query('DELETE FROM ingestion.live_examples WHERE retrain_id = $1', [retrainId]);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
