import { isDeepStrictEqual } from 'node:util';
import type { SpanFacts } from './span-facts.ts';
import type { ExpectedSpan } from './strange-case.ts';
import type { Outcome } from './try-drop.ts';

/** Words of the inside: nobody who brings data should read them. */
const innerWords =
  /relation_\d|adstocrat\.(?:file|raw|side)|Binder Error|Catalog Error|Parser Error|Conversion Error|Invalid Input|Cannot read prop|is not a function|undefined|\n\s+at |\/work\/(batch|infer)|batch-\d|read_csv|std::/;

/** In what an outcome departs from what is expected: empty where it is right. */
export function judge(expected: ExpectedSpan, outcome: Outcome): readonly string[] {
  if ('refused' in outcome) {
    const { refused, code } = outcome;
    return [
      ...(expected.refused.length === 0
        ? [`refused: ${refused}`]
        : unmatched('the refusal', expected.refused, refused)),
      ...(code === 'INVALID_ARGUMENT' ? [] : [`its code is ${code}: ${refused}`]),
      ...(innerWords.test(refused) ? [`it shows the inside: ${refused}`] : []),
    ];
  }
  const { facts, task } = outcome;
  if (expected.refused.length > 0) return [`taken, ${counted(facts)}; it should be refused`];
  const differing = Object.entries(expected.task).filter(
    ([key, value]) => !isDeepStrictEqual(task[key] ?? null, value),
  );
  const said = [...facts.span.anomalies, ...facts.span.notes].join('\n');
  return [
    ...numbers(expected, facts),
    ...columns(expected, facts),
    ...differing.map(([key, value]) => `task.${key} is ${JSON.stringify(task[key])}, not ${JSON.stringify(value)}`),
    ...unmatched('what was set aside', expected.rejects, facts.rejects),
    ...unmatched('what is said', expected.said, said),
    ...expected.unsaid.filter((one) => one.test(said)).map((one) => `what is said has ${String(one)}: ${said}`),
    ...(facts.span.ready === expected.ready ? [] : [`ready is ${String(facts.span.ready)}: ${said}`]),
  ];
}

function unmatched(where: string, patterns: readonly RegExp[], text: string): readonly string[] {
  return patterns.filter((one) => !one.test(text)).map((one) => `${where} has no ${String(one)}: ${text}`);
}

function numbers(expected: ExpectedSpan, { span, manifest }: SpanFacts): readonly string[] {
  const rows = span.trainRows + span.validationRows + span.testRows;
  const { train, validation, test } = manifest.positives;
  const pairs: readonly (readonly [what: string, is: number, wanted: number | undefined])[] = [
    ['rows', rows, expected.rows],
    ['positives', train + validation + test, expected.positives],
    ['rows set aside', span.rejectedRows, expected.setAside],
    ['images', span.images, expected.images],
    ['images set aside', span.rejectedImages, expected.imagesSetAside],
    ...(['train', 'validation', 'test'] as const).map(
      (split) => [split, manifest.rows[split], expected.splits[split]] as const,
    ),
  ];
  return pairs
    .filter(([, is, wanted]) => wanted !== undefined && is !== wanted)
    .map(([what, is, wanted]) => `${what}: ${is}, not ${String(wanted)}`);
}

function columns(expected: ExpectedSpan, { schema, statistics }: SpanFacts): readonly string[] {
  const typeOf = (name: string): string => schema.columns.find((one) => one.name === name)?.type ?? 'absent';
  const missingOf = (name: string): number | undefined => statistics.columns.find((one) => one.name === name)?.missing;
  return [
    ...Object.entries(expected.columns)
      .filter(([name, type]) => typeOf(name) !== type)
      .map(([name, type]) => `column "${name}" is ${typeOf(name)}, not ${type}`),
    ...Object.entries(expected.missing)
      .filter(([name, missing]) => missingOf(name) !== missing)
      .map(([name, missing]) => `column "${name}" has ${String(missingOf(name))} missing, not ${missing}`),
  ];
}

const counted = ({ span }: SpanFacts): string =>
  `${span.trainRows + span.validationRows + span.testRows} rows and ${span.rejectedRows} set aside`;
