import { ModelStatistics, type VersionStatistics } from '../open-inference/model-statistics.ts';

/**
 * What each of several processes counted when it was last asked, so that a sum over them does not fall where one does not answer for a
 * while or has ended: what one counted that has gone since it was last asked is lost.
 */
export class KnownStatistics<Member extends object> {
  readonly #last = new Map<Member, readonly VersionStatistics[]>();
  readonly #gone = new ModelStatistics();

  answered(member: Member, counts: readonly VersionStatistics[]): void {
    this.#last.set(member, counts);
  }

  /** Undefined of one that never answered, or has ended. */
  lastOf(member: Member): readonly VersionStatistics[] | undefined {
    return this.#last.get(member);
  }

  /** From now on it is among those that are gone. */
  ended(member: Member): void {
    this.#gone.add(this.#last.get(member) ?? []);
    this.#last.delete(member);
  }

  /** Of all that have ended. */
  ofGone(): readonly VersionStatistics[] {
    return this.#gone.entries();
  }
}
