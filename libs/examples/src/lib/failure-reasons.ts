/** Rows that failed in one way. */
export interface FailureReason {
  /** In the words of the first of them, where all say the same; else without what differs. */
  readonly reason: string;
  readonly rows: number;
  /** Of the first. */
  readonly file: string;
  /** As an engine's reject has it; of a whole file 0. */
  readonly line: number;
  /** What the first one holds, where the reason does not say it. */
  readonly example?: string;
}

/** Ways that are told apart; what is more is counted alone. */
const mostReasons = 20;

/** Why rows failed, how many, and where the first of them stands. Reasons that differ in nothing but the value are one. */
export class FailureReasons {
  readonly #found = new Map<string, FailureReason>();

  add({ reason, ...first }: Omit<FailureReason, 'rows'>, rows = 1): void {
    const { way, value } = wayOf(reason);
    const known = this.#found.get(way);
    if (known === undefined) {
      if (this.#found.size < mostReasons) this.#found.set(way, { reason, rows, ...first });
    } else if (known.reason === reason) this.#found.set(way, { ...known, rows: known.rows + rows });
    else {
      const { value: example = known.example ?? value } = wayOf(known.reason);
      this.#found.set(way, {
        ...known,
        reason: way,
        rows: known.rows + rows,
        ...(example !== undefined && { example }),
      });
    }
  }

  addAll(reasons: readonly FailureReason[]): void {
    for (const { rows, ...one } of reasons) this.add(one, rows);
  }

  /** The most frequent first. */
  get list(): readonly FailureReason[] {
    return [...this.#found.values()].sort((a, b) => b.rows - a.rows);
  }
}

const ofInput = /^(input "(?:[^"\\]|\\.)*": )("(?:[^"\\]|\\.)*"|[^\s"]\S*) ((?:is|holds) .*)$/s;
const ofBytes = /^(input "(?:[^"\\]|\\.)*" has) (\d+) (bytes: .*)$/s;
const ofFields = /^(too (?:few|many) fields): (\d+), (.*)$/s;

/** A reason without the one value that it is about: `input "age": "old" is no finite number`, of all that are none. */
function wayOf(reason: string): { readonly way: string; readonly value?: string } {
  const [, input = '', shown, what = ''] = ofInput.exec(reason) ?? [];
  if (shown !== undefined) return { way: `${input}a value ${what}`, value: shown };
  const [, long = '', bytes, most = ''] = ofBytes.exec(reason) ?? [];
  if (bytes !== undefined) return { way: `${long} too many ${most}`, value: bytes };
  const [, fields = '', count, header = ''] = ofFields.exec(reason) ?? [];
  return count === undefined ? { way: reason } : { way: `${fields}: ${header}`, value: count };
}
