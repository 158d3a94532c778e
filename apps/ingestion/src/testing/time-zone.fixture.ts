import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { SpanManifest } from '@adstocrat/examples';
import { ingestionParts } from './ingestion-parts.ts';

// A process of ingestion that takes in tasks one after the other and says which spans became of them: DATABASE_URL FOLDER DATA_URI TASK…
const [databaseUrl = '', folder = '', dataUri = '', ...tasks] = process.argv.slice(2);
const parts = await ingestionParts(databaseUrl, folder);
parts.work();
const spans = [];
for (const task of tasks) {
  const { span } = await parts.ingest(task, dataUri);
  const { digest, rows, timeRangeMs } = await readJson<SpanManifest>(parts.store, joinUri(span.uri, 'span.json'));
  spans.push({ task: span.task, digest, rows, timeRangeMs, rejected: span.rejectedRows });
}
await parts.close();
console.log(JSON.stringify({ offset: new Date(Date.UTC(2026, 0, 1)).getTimezoneOffset(), spans }));
