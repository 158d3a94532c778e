import {
  type DataFile,
  type ExampleEngine,
  scanLists,
  type ScanOptions,
  type ScanResult,
} from '@adstocrat/example-engine';

/** How a column of arrays is read where no task says it, as an operation of `features`. */
export type ArrayReading = 'list' | 'ignore';

/** What stands between the values of a `list`, where nothing else is said. */
const separator = '|';

/** A scan of a file of which no task says how its arrays are read: as lists, or not at all where they hold more than plain values. */
export async function scanArrays(
  engine: Pick<ExampleEngine, 'scan'>,
  file: DataFile,
  { label, ...options }: ScanOptions & { readonly label: string },
): Promise<{ readonly scan: ScanResult; readonly arrays: ReadonlyMap<string, ArrayReading> }> {
  const arrays = new Map<string, ArrayReading>();
  const scan = await scanLists(engine, [file], options, (column, isDeep) => {
    // Without its cells there is nothing to learn.
    if (column === label) return undefined;
    arrays.set(column, isDeep ? 'ignore' : 'list');
    return isDeep ? null : separator;
  });
  return { scan, arrays };
}

/** What a task for these files says of their arrays. */
export function arraysOf(
  examples: readonly { readonly arrays: ReadonlyMap<string, ArrayReading> }[],
): Record<string, ArrayReading> {
  const all = examples.flatMap(({ arrays }) => [...arrays]);
  const left = all.filter(([, reading]) => reading === 'ignore');
  return Object.fromEntries([...all, ...left]);
}

/** A sentence for each way in which arrays are read. */
export function sayArrays(features: Readonly<Record<string, unknown>>): readonly string[] {
  const named = (reading: ArrayReading): string =>
    Object.keys(features)
      .filter((column) => features[column] === reading)
      .map((column) => JSON.stringify(column))
      .join(', ');
  const [lists, left] = [named('list'), named('ignore')];
  return [
    ...(lists === '' ? [] : [`arrays read as lists of values: ${lists} (task.yaml: features)`]),
    ...(left === ''
      ? []
      : [
          `left out, as what they hold is no plain value (arrays of arrays or objects, maps, bytes): ${left} (task.yaml: features)`,
        ]),
  ];
}
