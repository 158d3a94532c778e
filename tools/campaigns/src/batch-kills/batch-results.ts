import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openExampleEngine } from '@adstocrat/adapters';

/** What came of a batch. */
export interface BatchRows {
  readonly scored: number;
  readonly failed: number;
  /** Ids that have a result or a failure, each once. */
  readonly distinct: number;
  /** sha256 of every result and failure, in their order: id, line, score to the last bit, or reason. */
  readonly digest: string;
}

/** Reads every row that a batch's `results.json` leads to; its files are local. */
export async function batchRows(resultsUri: string, workDir: string): Promise<BatchRows> {
  const { results, failures } = JSON.parse(readFileSync(fileURLToPath(resultsUri), 'utf8')) as {
    readonly results: readonly string[];
    readonly failures: readonly string[];
  };
  const hash = createHash('sha256');
  const ids = new Set<string>();
  let [scored, failed] = [0, 0];
  const engine = await openExampleEngine({ workDir: join(workDir, 'engine') });
  try {
    for await (const { rows, columns } of engine.batches(
      await engine.openParquet(results.map((uri) => fileURLToPath(uri))),
    ))
      for (let row = 0; row < rows; row += 1) {
        const [id, line, score] = ['id', 'line', 'score'].map((name) => columns.get(name)?.values[row]);
        hash.update(`${id},${line},${score}\n`);
        ids.add(String(id));
        scored += 1;
      }
  } finally {
    await engine.close();
  }
  for (const line of failures.flatMap((uri) => readFileSync(fileURLToPath(uri), 'utf8').split('\n'))) {
    if (line === '') continue;
    hash.update(`${line}\n`);
    ids.add((JSON.parse(line) as { readonly id: string }).id);
    failed += 1;
  }
  return { scored, failed, distinct: ids.size, digest: hash.digest('hex') };
}
