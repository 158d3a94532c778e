import type { TooLarge } from '../infer/inference-failure.ts';

/** Messages that were refused before they were read, each with why. */
const refused = new WeakMap<object, TooLarge>();

/**
 * A decoder that makes no object of a message that is too large. The handler gets an empty one, of which {@link refusalOf} tells why: what
 * a decoder throws would reach the client as an error of the server.
 */
export function guardedDecode<Q extends object>(
  message: { decode(bytes: Uint8Array): Q; create(): Q },
  tooLarge: (bytes: Uint8Array) => TooLarge | undefined,
): (bytes: Buffer) => Q {
  return (bytes) => {
    const refusal = tooLarge(bytes);
    if (refusal === undefined) return message.decode(bytes);
    const empty = message.create();
    refused.set(empty, refusal);
    return empty;
  };
}

/** Why a request was refused before it was read; undefined for any other. */
export function refusalOf(request: object): TooLarge | undefined {
  return refused.get(request);
}
