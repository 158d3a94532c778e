// What trainer, server and browser each do with rows. Nothing here is Node's: Chromium runs it as it stands.
import { type Column, type ColumnarBatch, columnOf, integerOf, numberOf, readTime, textOf } from '@adstocrat/examples';
import { timeCells, valueVectors } from '@adstocrat/examples/testing';
import {
  areaResize,
  CompiledTransform,
  GraphFitter,
  type ModelInput,
  normalizePixels,
  type TransformGraph,
} from '@adstocrat/transforms';
import { everyOperation, sampleCells, sampleColumns, sampleRows, sampleTypes } from '@adstocrat/transforms/testing';

const batchRows = 8192;

/** The graph of every operation, fitted on the first `rows` sample rows, as the JSON that a servable holds. */
export function fittedGraph(rows: number): string {
  const fitter = new GraphFitter({ features: everyOperation(), dropped: new Map() });
  for (let from = 0; from < rows; from += batchRows) fitter.add(typedRows(from, Math.min(batchRows, rows - from)));
  return JSON.stringify(fitter.finish().graph);
}

/** SHA-256 over what the graph makes of the first `rows` sample rows, in batches of columns as a trainer has them. */
export async function inBatches(graph: string, rows: number): Promise<string> {
  const transform = new CompiledTransform(JSON.parse(graph) as TransformGraph);
  const digest = new ChainedDigest();
  for (let from = 0; from < rows; from += batchRows) {
    const batch = typedRows(from, Math.min(batchRows, rows - from));
    await digest.add([rowBytes(transform.apply(batch), batch.rows)]);
  }
  return digest.hex;
}

/** The same over each row alone, its cells as a request's JSON brings them to a server. */
export async function rowByRow(graph: string, rows: number): Promise<string> {
  const transform = new CompiledTransform(JSON.parse(graph) as TransformGraph);
  const digest = new ChainedDigest();
  for (let from = 0; from < rows; from += batchRows) {
    const until = Math.min(rows, from + batchRows);
    const parts: Uint8Array[] = [];
    for (let row = from; row < until; row += 1) parts.push(rowBytes(transform.apply(requestedRow(row)), 1));
    await digest.add(parts);
  }
  return digest.hex;
}

/** SHA-256 over pictures that were resized and normalized. */
export async function ofPixels(): Promise<string> {
  const digest = new ChainedDigest();
  for (const [width, height, size] of [
    [97, 61, 32],
    [3, 200, 16],
    [64, 64, 64],
  ] as const) {
    const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => Math.imul(at + width, 0x9e3779b1) >>> 24);
    const pixels = areaResize({ width, height, data }, size);
    const floats = new Float32Array(pixels.length);
    const transform = { column: 'x', size, mean: [0.485, 0.456, 0.406], scale: [0.229, 0.224, 0.225] } as const;
    normalizePixels(transform, pixels, floats);
    await digest.add([pixels, new Uint8Array(floats.buffer)]);
  }
  return digest.hex;
}

/** How many raw cells of the tables were read, and which of them otherwise than is written there. */
export function tablesRead(): { readonly read: number; readonly wrong: readonly string[] } {
  const wrong: string[] = [];
  const compare = (what: string, got: unknown, wanted: unknown): void => {
    if (!Object.is(got, wanted) && !(got === 0 && wanted === 0)) wrong.push(`${what}: ${String(got)}`);
  };
  const missingAsNull = (value: number | undefined): unknown => (Number.isNaN(value) ? null : value);
  for (const { raw, text, integer, float } of valueVectors) {
    compare(`${String(raw)} as text`, textOf(raw), text);
    compare(`${String(raw)} as integer`, missingAsNull(integerOf(raw)), integer);
    compare(`${String(raw)} as float`, missingAsNull(numberOf(raw)), float);
  }
  for (const [format, cell, ms] of timeCells) compare(`${cell} as ${format}`, readTime(cell, format), ms);
  return { read: 3 * valueVectors.length + timeCells.length, wrong };
}

function typedRows(from: number, count: number): ColumnarBatch {
  const { rows, columns } = sampleRows(from, count);
  const typed = [...columns].map(([name, { type, values }]): [string, Column] => [name, columnOf(type, values)]);
  return { rows, columns: new Map(typed) };
}

function requestedRow(row: number): ColumnarBatch {
  const cells = JSON.parse(JSON.stringify(sampleCells(row))) as readonly (string | number | null)[];
  const columns = sampleColumns.map((name, at): [string, Column] => [
    name,
    columnOf(sampleTypes.get(name) ?? 'string', [cells[at]]),
  ]);
  return { rows: 1, columns: new Map(columns) };
}

/** A row's ids, then its numbers, row after row: the same bytes whatever the batch. */
function rowBytes({ ids, dense }: ModelInput, rows: number): Uint8Array {
  const [width, wide] = [ids.byteLength / rows, dense.byteLength / rows];
  const [idBytes, denseBytes] = [ids, dense].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  const bytes = new Uint8Array(rows * (width + wide));
  for (let row = 0; row < rows; row += 1) {
    const at = row * (width + wide);
    bytes.set(idBytes!.subarray(row * width, (row + 1) * width), at);
    bytes.set(denseBytes!.subarray(row * wide, (row + 1) * wide), at + width);
  }
  return bytes;
}

/** SHA-256 of the digest so far and the next part: the web's own takes no stream. */
class ChainedDigest {
  #last: Uint8Array = new Uint8Array(32);

  async add(parts: readonly Uint8Array[]): Promise<void> {
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, this.#last.length));
    let at = 0;
    for (const part of [this.#last, ...parts]) {
      whole.set(part, at);
      at += part.length;
    }
    this.#last = new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
  }

  get hex(): string {
    return Array.from(this.#last, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}
