/** A row without a score. Of a file that cannot be read, all of its rows: line 0. */
export interface FailedRow {
  readonly file: string;
  /** As an engine's reject has it. */
  readonly line: number;
  readonly reason: string;
  readonly id?: string;
}
