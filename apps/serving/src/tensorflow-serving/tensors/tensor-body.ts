import type { ElementTensor, Tensors } from '@adstocrat/inference';
import { FailedPrecondition } from '@adstocrat/service-kit';
import { floatText } from '../json-outputs.ts';

/**
 * The body of a predict answer of a model of its own outputs: `predictions`, one for each instance, or `outputs`, a tensor each; bare
 * where there is one output. Throws {@link FailedPrecondition}, in TensorFlow Serving's words, where rows are asked for that outputs do
 * not have.
 */
export function tensorBody(format: 'row' | 'column', outputs: Tensors): string {
  const named = [...outputs];
  const [first] = named;
  if (format === 'column') {
    const texts = named.map(([name, tensor]) => [name, nested(name, tensor)] as const);
    const all = texts.map(([name, text]) => `${JSON.stringify(name)}: ${text}`).join(', ');
    return `{"outputs": ${texts.length === 1 ? (texts[0]?.[1] ?? '') : `{${all}}`}}`;
  }
  const rows = first?.[1].shape[0] ?? 0;
  for (const [name, { shape }] of named) {
    if (shape.length === 0) throw new FailedPrecondition(`Tensor name: ${name} has no shape information `);
    if (shape[0] !== rows)
      throw new FailedPrecondition(`Tensor name: ${name} has inconsistent batch size: ${shape[0]} expecting: ${rows}`);
  }
  const columns = named.map(([name, tensor]) => [name, rowTexts(name, tensor)] as const);
  const predictions = Array.from({ length: rows }, (_, row) =>
    columns.length === 1
      ? columns[0]?.[1][row]
      : `{${columns.map(([name, texts]) => `${JSON.stringify(name)}: ${texts[row] ?? ''}`).join(', ')}}`,
  );
  return `{"predictions": [${predictions.join(', ')}]}`;
}

function rowTexts(name: string, tensor: ElementTensor): readonly string[] {
  const [rows = 0, ...shape] = tensor.shape;
  return levels(elementTexts(name, tensor), rows, shape);
}

function nested(name: string, tensor: ElementTensor): string {
  return levels(elementTexts(name, tensor), 1, tensor.shape)[0] ?? '';
}

/** Texts put into `count` nested lists of this shape; a size may be 0. */
function levels(texts: readonly string[], count: number, shape: readonly number[]): readonly string[] {
  return shape.reduceRight<readonly string[]>((inner, size, level) => {
    const lists = shape.slice(0, level).reduce((product, outer) => product * outer, count);
    return Array.from({ length: lists }, (_, at) => `[${inner.slice(at * size, (at + 1) * size).join(', ')}]`);
  }, texts);
}

function elementTexts(name: string, { type, data }: ElementTensor): readonly string[] {
  if (type === 'string') {
    const text = name.endsWith('_bytes')
      ? (value: string) => `{"b64": "${Buffer.from(value).toString('base64')}"}`
      : (value: string) => JSON.stringify(value);
    return data.map(text);
  }
  const text: (value: number | bigint) => string =
    type === 'bool'
      ? (value) => String(value === 1)
      : type === 'float64'
        ? (value) => doubleText(value as number)
        : type.startsWith('float')
          ? (value) => floatText(value as number)
          : String;
  return Array.from<number | bigint, string>(data, text);
}

/** With a point or an exponent, so that readers see it is none of the integers. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
