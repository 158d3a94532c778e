import type { OutputTensor } from './output-tensors.ts';

/** Members of a body beside its results. */
export type More = Readonly<Record<string, unknown>>;

/**
 * The body of a predict answer: `predictions`, a row each, or `outputs`, a tensor each; bare where there is one output. Outputs whose name
 * ends in _bytes are {"b64": …}. Numbers as {@link floatText}.
 */
export function predictBody(
  format: 'row' | 'column',
  outputs: ReadonlyMap<string, OutputTensor>,
  more: More = {},
): string {
  const named = Array.from(outputs, ([name, output]) => [JSON.stringify(name), valuesText(name, output)] as const);
  const [first] = named;
  let text: string;
  if (first === undefined) text = '[]';
  else if (format === 'column')
    text =
      named.length === 1
        ? listOf(first[1])
        : `{${named.map(([name, values]) => `${name}: ${listOf(values)}`).join(', ')}}`;
  else if (named.length === 1) text = listOf(first[1]);
  else
    text = listOf(
      first[1].map((_, row) => `{${named.map(([name, values]) => `${name}: ${values[row] ?? 'null'}`).join(', ')}}`),
    );
  return `{"${format === 'row' ? 'predictions' : 'outputs'}": ${text}${moreText(more)}}`;
}

/** The body of a classify answer: for each example a list of [label, score]. */
export function classifyBody(labels: readonly string[], scores: Float32Array, more: More = {}): string {
  const names = labels.map((label) => JSON.stringify(label));
  const rows = scores.length / names.length;
  const results = Array.from({ length: rows }, (_, row) =>
    listOf(names.map((name, at) => `[${name}, ${floatText(scores[row * names.length + at] ?? NaN)}]`)),
  );
  return `{"results": ${listOf(results)}${moreText(more)}}`;
}

/** The body of a regress answer: a number for each example. */
export function regressBody(values: Float32Array, more: More = {}): string {
  return `{"results": ${listOf(Array.from(values, floatText))}${moreText(more)}}`;
}

function moreText(more: More): string {
  return Object.entries(more)
    .map(([name, value]) => `, ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join('');
}

/** A text for each row. */
function valuesText(name: string, output: OutputTensor): readonly string[] {
  const bytes = name.endsWith('_bytes');
  const values =
    output.dtype === 'float'
      ? Array.from(output.values, floatText)
      : output.values.map((value) =>
          bytes ? `{"b64": "${Buffer.from(value).toString('base64')}"}` : JSON.stringify(value),
        );
  const { width } = output;
  if (width === undefined) return values;
  return Array.from({ length: values.length / width }, (_, row) =>
    listOf(values.slice(row * width, (row + 1) * width)),
  );
}

function listOf(texts: readonly string[]): string {
  return `[${texts.join(', ')}]`;
}

/**
 * A float32 in the fewest digits, 6 or more, that are read as the same float32; always with a point or an exponent, so that readers see
 * it is none of the integers.
 */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';
  let text = value.toPrecision(9);
  for (let digits = 8; digits >= 6; digits -= 1) {
    const shorter = value.toPrecision(digits);
    if (Math.fround(Number(shorter)) !== value) break;
    text = shorter;
  }
  text = String(Number(text));
  return text.includes('.') || text.includes('e') ? text : `${text}.0`;
}
