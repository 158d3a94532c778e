import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedServable } from './damaged-servable.ts';
import { type ModelSession, type ModelTensors, OnnxSession } from './onnx-session.ts';

/**
 * A model in two sessions: as it comes, and as the runtime prepares it. Every run is made in both, and must give the same bits. What is
 * prepared has nothing left to be optimised, so that a session of it is there at once; it is for this process: another release of the
 * runtime, or another processor, need not take it.
 */
export class PreparedTwin implements ModelSession {
  /** For `OnnxSession.openPrepared`, once this is closed too. */
  readonly prepared: Uint8Array<ArrayBuffer>;
  readonly #sessions: readonly [usual: OnnxSession, prepared: OnnxSession];

  private constructor(prepared: Uint8Array<ArrayBuffer>, sessions: readonly [OnnxSession, OnnxSession]) {
    this.prepared = prepared;
    this.#sessions = sessions;
  }

  /** `scratch`: how a folder may be called that is there meanwhile, but for its end. Throws what the runtime says of bytes that are no model. */
  static async open(model: Uint8Array, scratch: string): Promise<PreparedTwin> {
    const folder = mkdtempSync(`${scratch}.prepared-`);
    try {
      // Its ending says in which format the runtime writes it.
      const file = join(folder, 'model.ort');
      const usual = await OnnxSession.open(model, file);
      const prepared = new Uint8Array(readFileSync(file));
      return new PreparedTwin(prepared, [usual, await OnnxSession.openPrepared(prepared)]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Throws {@link DamagedServable} where the two answer otherwise. */
  async run(inputs: ModelTensors): Promise<Float32Array> {
    const [usual, prepared] = this.#sessions;
    const [one, other] = [await usual.run(inputs), await prepared.run(inputs)];
    if (one.length !== other.length || !one.every((value, at) => Object.is(value, other[at])))
      throw new DamagedServable('the model answers otherwise once it is prepared');
    return other;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.close();
  }
}
