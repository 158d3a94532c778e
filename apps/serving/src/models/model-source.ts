/** Where models come from, as a request may steer it on this server alone. */
export interface ModelSource {
  /** Before they are known here: models that are not put into service, where they are its, until {@link restore}. */
  keepOut(models: readonly string[]): void;
  /** Takes a model out of service until {@link restore} or the next start; calls in progress on it end. False for one that is not its. */
  withdraw(model: string): Promise<boolean>;
  /** Puts a model into service, as it is now. False where there is none, or none of its versions can be loaded. */
  restore(model: string): Promise<boolean>;
}
