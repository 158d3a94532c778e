/** Pauses before a process is started again: 0.2 s, doubling to 5 s while it keeps ending within 10 s of its start. */
export class RestartPause {
  #pauseMs = 100;

  /** Wall milliseconds to wait, told how long it ran. */
  after(ranMs: number): number {
    this.#pauseMs = ranMs > 10_000 ? 200 : Math.min(5000, this.#pauseMs * 2);
    return this.#pauseMs;
  }
}
