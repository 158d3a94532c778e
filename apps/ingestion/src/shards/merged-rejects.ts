import { type Reject, type Rejects, shownRejects } from '@adstocrat/example-engine';
import type { RejectsSummary } from './scan-shard.ts';

/** What was set aside in all parts, told one after the other in their order; the rows themselves are a relation of the engine. */
export class MergedRejects {
  #rows = 0;
  readonly #reasons = new Map<string, RejectsSummary['reasons'][number]>();
  /** At most {@link shownRejects}. */
  readonly first: Reject[] = [];

  add({ rows, reasons, first }: RejectsSummary): void {
    this.#rows += rows;
    for (const one of reasons) {
      const key = JSON.stringify([one.reason, one.first.column]);
      const known = this.#reasons.get(key);
      this.#reasons.set(key, known === undefined ? one : { ...known, rows: known.rows + one.rows });
    }
    this.first.push(...first.slice(0, shownRejects - this.first.length));
  }

  of(table: Rejects['table']): Rejects {
    return {
      rows: this.#rows,
      reasons: [...this.#reasons.values()].toSorted((a, b) => b.rows - a.rows),
      first: this.first,
      table,
    };
  }
}
