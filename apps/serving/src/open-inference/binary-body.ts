import { InvalidRequest } from '@adstocrat/service-kit';

/** Header that says how long the JSON is, bytes; what follows it is the data of tensors. */
export const headerLengthName = 'inference-header-content-length';

/** The JSON of a body, and the binary data behind it. Throws {@link InvalidRequest} for a length that is none or leaves the body. */
export function splitBody(
  body: Buffer,
  headerLength: string | undefined,
): { readonly json: string; readonly binary: Buffer } {
  if (headerLength === undefined) return { json: body.toString('utf8'), binary: body.subarray(body.length) };
  const length = /^\d{1,15}$/.test(headerLength) ? Number(headerLength) : NaN;
  if (!(length <= body.length))
    throw new InvalidRequest(
      `Inference-Header-Content-Length must be the bytes of the JSON, at most the ${body.length} of the body, got "${headerLength.slice(0, 40)}"`,
    );
  return { json: body.toString('utf8', 0, length), binary: body.subarray(length) };
}

/** Binary data, taken tensor by tensor in the order of the inputs. */
export class BinaryData {
  readonly #model: string;
  readonly #data: Buffer;
  #taken = 0;

  constructor(model: string, data: Buffer) {
    this.#model = model;
    this.#data = data;
  }

  /** The next bytes. Throws {@link InvalidRequest} where there are fewer. */
  take(input: string, size: unknown): Buffer {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw new InvalidRequest(`input "${input}": binary_data_size must be a number of bytes`);
    const end = this.#taken + size;
    if (end > this.#data.length)
      throw new InvalidRequest(
        `unexpected size for input '${input}', expecting ${end - this.#data.length} additional bytes for model '${this.#model}'`,
      );
    const taken = this.#data.subarray(this.#taken, end);
    this.#taken = end;
    return taken;
  }

  /** Throws {@link InvalidRequest} where bytes are left that no input took. */
  end(): void {
    if (this.#taken < this.#data.length)
      throw new InvalidRequest(`unexpected additional input data for model '${this.#model}'`);
  }
}
