import type { DuckDbExampleEngine } from '@adstocrat/example-engine-duckdb';
import { parquet, sql } from './plans.ts';
import { type MappedColumns, rowMap } from './row-map.ts';
import type { SparkRows } from './spark-rows.ts';

/** Spark has a function refused that names another Python than its workers', and says which they have. */
const told = /Python in worker has different version:? \(?(\d+)[., ]+(\d+)/;

const [columns, gives] = [
  [{ name: 'a', type: 'string' }] as const,
  [
    ['a', 'string'],
    ['b', 'string'],
  ] as const satisfies MappedColumns,
];

/**
 * Sends a row the whole way: from a file in the work folder through a row worker in Spark's executors into another file there. Returns the
 * version of Python that they have. Throws, with what is needed, where it does not come back.
 */
export async function trySpark(local: DuckDbExampleEngine, spark: SparkRows): Promise<string> {
  const value = { type: 'string', values: ['one'] } as const;
  const row = await local.fromBatches(columns, [{ rows: 1, columns: new Map([['a', value]]) }]);
  const path = `${spark.newFolder()}.parquet`;
  await local.writeParquet(row, path);
  try {
    const given = await spark.lazily(parquet([path]), { columns });
    const work = { kind: 'place', test: 0, validation: 0 } as const;
    return await withPythonOf(async (pythonVersion) => {
      const map = rowMap(sql(`SELECT a FROM ${given.id}`), ['a'], { work, gives, pythonVersion });
      const parts = await spark.write(map);
      const back = parts.length === 0 ? 0 : await local.count(await local.openParquet(parts));
      if (back !== 1) throw new Error(`one row went to Spark, ${back} came back`);
    });
  } catch (error) {
    throw new Error(
      `a row did not come back from Spark: its driver and executors need the folder ${spark.folder}, this installation and Node.js under the paths that they have here, and Python with pyarrow: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** Does something with the version of Python that Spark's workers have. Returns it. */
async function withPythonOf(attempt: (version: string) => Promise<void>): Promise<string> {
  const guess = '3.11';
  try {
    await attempt(guess);
    return guess;
  } catch (error) {
    const [, major, minor] = told.exec((error as Error).message) ?? [];
    if (major === undefined) throw error;
    const version = `${major}.${minor}`;
    await attempt(version);
    return version;
  }
}
