import { startSail, startSpark } from '@adstocrat/spark';
import type { PeerCheck } from './peer-check.ts';
import { runSpecs } from './run-specs.ts';
import { sameSpans } from './same-spans.ts';

const servers = { 'Sail 0.7.2': startSail, 'Spark 4.0.1': startSpark } as const;

/**
 * What speaks Spark Connect, in the place of ingestion's DuckDB, and Spark under the contract suite of the example engine. `npm test` has
 * Sail under it.
 */
export async function* spark(): AsyncIterable<PeerCheck> {
  for (const [peer, start] of Object.entries(servers)) {
    const server = await start();
    try {
      if (start === startSpark)
        yield* runSpecs('libs/adapters/src/lib/example-engines.integration.spec.ts', {
          peer,
          title: '^Spark as an example engine',
          environment: { TEST_SPARK_URL: server.url },
        });
      yield* sameSpans(peer, server.url);
    } finally {
      await server.stop();
    }
  }
}
