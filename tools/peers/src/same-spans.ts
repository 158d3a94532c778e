import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { Random } from '@adstocrat/adworld';
import { authorised, Ground, writeDrop } from '@adstocrat/campaigns';
import { ingestion } from '@adstocrat/schemas';
import type { PeerCheck } from './peer-check.ts';

const rows = 40_000;

/** Drops of the same files: in shards with a table, and as one shard whose users nobody may read. */
const tasks: Readonly<Record<string, string>> = {
  'of two shards and a joined table': `name: drop
data: {examples: ["part-*.csv"], tables: [{path: ads.csv, key: ad}]}
label: clicked
`,
  'with pseudonyms': `name: hashed
data: {examples: ["part-*.csv"], tables: [{path: ads.csv, key: ad}]}
label: clicked
personal: {user: hash, price: {bucket: 10}}
`,
};

/** A drop taken in by services told of this engine and by those of DuckDB: each task's span must be the same bytes. */
export async function* sameSpans(peer: string, engineUrl: string): AsyncIterable<PeerCheck> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-same-spans-'));
  try {
    const data = join(folder, 'data');
    await writeDrop(data, rows, new Random(3, 'rows'));
    const due = await digests(join(folder, 'duckdb'), data, 'duckdb:');
    const made = await digests(join(folder, 'engine'), data, engineUrl);
    for (const [index, what] of Object.keys(tasks).entries()) {
      const check = `makes the same span as DuckDB, ${what}`;
      yield due[index] === made[index] ? { peer, check } : { peer, check, wrong: `${made[index]}, not ${due[index]}` };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of the span of each task, by an ingestion of its own. */
async function digests(folder: string, data: string, engineUrl: string): Promise<readonly string[]> {
  mkdirSync(folder);
  const ground = await Ground.start({
    folder,
    bus: 'postgres',
    instances: 1,
    names: ['ingestion'],
    environment: { EXAMPLE_ENGINE_URL: engineUrl, SHARD_BYTES: '1', PERSONAL_KEYS: 'a5'.repeat(32) },
  });
  const client = new ingestion.IngestionServiceClient(
    ground.of('ingestion')[0]?.address ?? '',
    credentials.createInsecure(),
  );
  try {
    const found: string[] = [];
    for (const taskYaml of Object.values(tasks)) found.push(await digestOf(client, ground, taskYaml, data));
    return found;
  } finally {
    client.close();
    await ground.stop();
  }
}

async function digestOf(
  client: ingestion.IngestionServiceClient,
  ground: Ground,
  taskYaml: string,
  data: string,
): Promise<string> {
  const stream = client.ingestSpan({ taskYaml, dataUri: pathToFileURL(data).href }, authorised(ground));
  for await (const { span } of stream as AsyncIterable<ingestion.IngestSpanResponse>)
    if (span !== undefined) return span.digest;
  throw new Error('ingestion said nothing of its span');
}
