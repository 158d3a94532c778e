import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '@adstocrat/postgres-client';

interface Slice {
  readonly fromMs: number;
  readonly toMs: number;
  readonly dropped: boolean;
}

const sliced = ['predictions', 'facts'] as const;

/**
 * The stretches of server time that rows are kept by. Each has one partition of each table that grows with traffic. Made where a time
 * asks for one; what retention has dropped does not come back.
 */
export class Slices {
  readonly #pool: Pool;
  #slices: readonly Slice[] = [];
  /** Of slices that will be made. */
  lengthMs: number;

  constructor(pool: Pool, lengthMs: number) {
    this.#pool = pool;
    this.lengthMs = lengthMs;
  }

  /** The slice of each time: its start. Undefined where retention has dropped it. Makes those that are not there yet. */
  async of(times: readonly number[]): Promise<readonly (number | undefined)[]> {
    if (times.some((time) => sliceAt(this.#slices, time) === undefined)) await this.#make(times);
    return times.map((time) => {
      const slice = sliceAt(this.#slices, time);
      return slice === undefined || slice.dropped ? undefined : slice.fromMs;
    });
  }

  /** What other processes made and dropped. */
  async refresh(): Promise<readonly Slice[]> {
    return (this.#slices = await readSlices(this.#pool));
  }

  async #make(times: readonly number[]): Promise<void> {
    this.#slices = await inTransaction(
      this.#pool,
      async (client) => {
        const slices = [...(await readSlices(client))];
        for (const time of times) {
          if (sliceAt(slices, time) !== undefined) continue;
          const after = slices.findIndex(({ fromMs }) => fromMs > time);
          const index = after === -1 ? slices.length : after;
          const start = Math.floor(time / this.lengthMs) * this.lengthMs;
          const slice = {
            fromMs: Math.max(start, slices[index - 1]?.toMs ?? 0),
            toMs: Math.min(start + this.lengthMs, slices[index]?.fromMs ?? Infinity),
            dropped: false,
          };
          await addSlice(client, slice);
          slices.splice(index, 0, slice);
        }
        return slices;
      },
      { lock: 'feedback.slices' },
    );
  }
}

/** The slice that a time lies in, of slices in their order. Before the last dropped one everything was dropped. */
function sliceAt(slices: readonly Slice[], time: number): Slice | undefined {
  const slice = slices.findLast(({ fromMs }) => fromMs <= time);
  if (slice === undefined) return slices[0]?.dropped === true ? slices[0] : undefined;
  return time < slice.toMs ? slice : undefined;
}

async function readSlices(client: Pool | PoolClient): Promise<readonly Slice[]> {
  const { rows } = await client.query<{ from_ms: number; to_ms: number; dropped: boolean }>(
    'SELECT from_ms, to_ms, dropped FROM feedback.slices ORDER BY from_ms',
  );
  return rows.map(({ from_ms: fromMs, to_ms: toMs, dropped }) => ({ fromMs, toMs, dropped }));
}

/** Made apart and attached: that takes no lock which readers and writers of the other slices would wait for. */
async function addSlice(client: PoolClient, { fromMs, toMs }: Slice): Promise<void> {
  await client.query('INSERT INTO feedback.slices (from_ms, to_ms) VALUES ($1, $2)', [fromMs, toMs]);
  for (const table of sliced) {
    const name = `feedback.${table}_${fromMs}`;
    await client.query(`CREATE TABLE ${name} (LIKE feedback.${table} INCLUDING ALL)`);
    await client.query(`ALTER TABLE feedback.${table} ATTACH PARTITION ${name} FOR VALUES IN (${fromMs})`);
  }
}

/** Longest wait for those who use the tables: others wait behind it. */
const lockMs = 500;

/** Drops a slice with all rows in it, in one transaction with `before`. Throws where the tables are in use for too long. */
export async function dropSlice(
  pool: Pool,
  fromMs: number,
  before: (client: PoolClient) => Promise<void>,
): Promise<void> {
  await inTransaction(
    pool,
    async (client) => {
      await before(client);
      await client.query(`SET LOCAL lock_timeout = ${lockMs}`);
      for (const table of sliced) await client.query(`DROP TABLE IF EXISTS feedback.${table}_${fromMs}`);
      await client.query('DELETE FROM feedback.slices WHERE from_ms < $1', [fromMs]);
      await client.query('UPDATE feedback.slices SET dropped = true WHERE from_ms = $1', [fromMs]);
    },
    { lock: 'feedback.slices' },
  );
}
