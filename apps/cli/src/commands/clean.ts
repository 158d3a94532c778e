import type { ingestion } from '@adstocrat/schemas';
import { sizeOf } from '../amount.ts';
import { ExitError } from '../exit-error.ts';
import { callWhenUp } from '../system/calls.ts';
import { systemFor, type SystemChoice } from './system-for.ts';

export interface CleanOptions extends SystemChoice {
  readonly dryRun?: boolean;
  readonly keepSpans: number;
  readonly keepDays: number;
  readonly maxGb?: number;
  readonly json?: boolean;
}

/** Removes what nothing needs of the spans, or says what would go. Safe beside whatever runs. */
export async function clean(options: CleanOptions): Promise<void> {
  const { dryRun = false, keepSpans, keepDays, maxGb = 0, json } = options;
  for (const [name, value] of Object.entries({ 'keep-spans': keepSpans, 'keep-days': keepDays, 'max-gb': maxGb }))
    if (!(value >= 0)) throw new ExitError(2, `--${name} must be 0 or more`);
  await using system = await systemFor(options);
  const request = { dryRun, keepSpans, keepDays, maxBytes: maxGb * 1e9 };
  const { going, staying } = await callWhenUp<ingestion.CleanSpansResponse>((done) =>
    system.clients.ingestion.cleanSpans(request, done),
  );
  const bytes = going.reduce((sum, one) => sum + one.bytes, 0);
  if (json === true) {
    console.log(JSON.stringify({ dryRun, going, staying, bytes }));
    return;
  }
  for (const one of going) console.log(`${lineOf(one)}: ${one.why}`);
  for (const one of staying) console.log(`${lineOf(one)} stays: ${one.why}`);
  if (going.length === 0) console.log('nothing to remove');
  else console.log(`${going.length} spans, ${sizeOf(bytes)} ${dryRun ? 'would go' : 'are removed'}`);
}

const lineOf = ({ task, span, bytes }: ingestion.CleanedSpan): string => `${task} span ${span}, ${sizeOf(bytes)}`;
