import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ServiceError, status } from '@grpc/grpc-js';
import { Storage } from '@google-cloud/storage';
import { parse, stringify } from 'yaml';
import type { ingestion } from '@adstocrat/schemas';
import type { Ingestion } from './ingestion.ts';
import { bytesOf, layOut } from './lay-out.ts';
import { type SpanFacts, spanFacts } from './span-facts.ts';
import type { StrangeCase, StrangeDrop } from './strange-case.ts';

/** What whoever brought the drop got: a span and the task that it is of, or a refusal in the service's words. */
export type Outcome =
  | { readonly refused: string; readonly code: string }
  | { readonly facts: SpanFacts; readonly task: Readonly<Record<string, unknown>> };

/** Brings a drop as `run` does: has a task inferred where the case has none, then asks for the span. */
export async function tryDrop(
  on: Ingestion,
  strange: StrangeCase,
  drop: StrangeDrop,
  number: number,
): Promise<Outcome> {
  const dataUri = await placed(on, strange, drop, number);
  const { name, label } = strange;
  try {
    const yaml =
      strange.task === undefined
        ? await inferred(on, { dataUri, label, name })
        : stringify({ ...strange.task, name, label: strange.task['label'] ?? label });
    const facts = await spanFacts(await ingested(on, { taskYaml: yaml, dataUri }));
    return { facts, task: parse(yaml) as Record<string, unknown> };
  } catch (error) {
    const { code, details } = error as Partial<ServiceError>;
    if (code === undefined) throw error;
    return { refused: details ?? '', code: status[code] };
  }
}

/** Where the drop lies now. Drops of one task lie in folders of one name, so that one task names them. */
async function placed(on: Ingestion, strange: StrangeCase, drop: StrangeDrop, number: number): Promise<string> {
  const { name, data, bucket } = strange;
  if (!bucket) {
    const folder = join(on.folder, `${name}-${number}`, name);
    await layOut(strange, drop.files, folder);
    return `${pathToFileURL(join(folder, data)).href}`;
  }
  const bucketName = `${name}-${number}`;
  await on.gcs.makeBucket(bucketName);
  const storage = new Storage({ apiEndpoint: on.gcs.url, projectId: 'emulator' });
  for (const [path, file] of Object.entries(drop.files)) {
    const encoding = 'encoding' in file ? file.contentEncoding : undefined;
    const options = {
      resumable: false,
      ...(encoding === undefined ? {} : { metadata: { contentEncoding: encoding } }),
    };
    await storage
      .bucket(bucketName)
      .file(`drop/${path}`)
      .save(Buffer.from(await bytesOf(file)), options);
  }
  return `gs://${bucketName}/drop/${data}`;
}

function inferred(on: Ingestion, request: ingestion.InferTaskRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    on.client.inferTask(request, (error, response) => {
      if (error === null) resolve(response.taskYaml);
      else reject(error);
    });
  });
}

async function ingested(on: Ingestion, request: ingestion.IngestSpanRequest): Promise<ingestion.Span> {
  let span: ingestion.Span | undefined;
  for await (const message of on.client.ingestSpan(request) as AsyncIterable<ingestion.IngestSpanResponse>)
    span = message.span ?? span;
  if (span === undefined) throw new Error('ingestion ended without a span');
  return span;
}
