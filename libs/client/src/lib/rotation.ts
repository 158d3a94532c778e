/** Milliseconds for which an address is left alone after its first failure; twice as long after each further one, to the longest. */
const firstEjectionMs = 500;
const longestEjectionMs = 30_000;

interface Place {
  readonly address: string;
  failures: number;
  /** By the clock, milliseconds. */
  ejectedUntilMs: number;
}

/** Addresses in turn. One that failed is left alone for a while; where all are, the one that is back first is tried. */
export class Rotation {
  readonly #places: readonly Place[];
  readonly #nowMs: () => number;
  #turn = 0;

  /** Throws `RangeError` where there is no address. */
  constructor(addresses: readonly string[], nowMs: () => number = () => performance.now()) {
    if (addresses.length === 0) throw new RangeError('at least one address is needed');
    this.#places = addresses.map((address) => ({ address, failures: 0, ejectedUntilMs: -Infinity }));
    this.#nowMs = nowMs;
  }

  next(): string {
    const nowMs = this.#nowMs();
    const inTurn = this.#places.map((_, at) => this.#places[(this.#turn + at) % this.#places.length] as Place);
    this.#turn = (this.#turn + 1) % this.#places.length;
    const free = inTurn.find(({ ejectedUntilMs }) => ejectedUntilMs <= nowMs);
    return (free ?? inTurn.reduce((a, b) => (b.ejectedUntilMs < a.ejectedUntilMs ? b : a))).address;
  }

  succeeded(address: string): void {
    const place = this.#place(address);
    [place.failures, place.ejectedUntilMs] = [0, -Infinity];
  }

  failed(address: string): void {
    const place = this.#place(address);
    const ms = Math.min(longestEjectionMs, firstEjectionMs * 2 ** place.failures);
    place.failures += 1;
    place.ejectedUntilMs = this.#nowMs() + ms;
  }

  #place(address: string): Place {
    const place = this.#places.find((one) => one.address === address);
    if (place === undefined) throw new RangeError(`no address "${address}"`);
    return place;
  }
}
