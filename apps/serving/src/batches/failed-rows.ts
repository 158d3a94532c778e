/** A row without a score. Of a file that cannot be read: line 0. */
export interface FailedRow {
  readonly file: string;
  /** As an engine's reject has it. */
  readonly line: number;
  readonly reason: string;
  readonly id?: string;
}

/** Rows that failed in one way. */
export interface FailureReason {
  readonly reason: string;
  readonly rows: number;
  readonly file: string;
  readonly line: number;
}

/** Ways that are told apart; what is more is counted alone. */
const mostReasons = 20;

/** Why rows failed, how many, and where the first of them stands. */
export class FailureReasons {
  readonly #found = new Map<string, FailureReason>();

  add({ reason, file, line }: Omit<FailedRow, 'id'>, rows = 1): void {
    const known = this.#found.get(reason);
    if (known !== undefined) this.#found.set(reason, { ...known, rows: known.rows + rows });
    else if (this.#found.size < mostReasons) this.#found.set(reason, { reason, rows, file, line });
  }

  addAll(reasons: readonly FailureReason[]): void {
    for (const one of reasons) this.add(one, one.rows);
  }

  /** The most frequent first. */
  get list(): readonly FailureReason[] {
    return [...this.#found.values()].sort((a, b) => b.rows - a.rows);
  }
}
