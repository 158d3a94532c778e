import { wholeTraffic } from '@adstocrat/servables';

/** How a blessed version gets from no traffic to all of it. */
export interface RolloutPolicy {
  /** Event time the candidate is loaded and gets no traffic, milliseconds. 0: only until it is loaded. */
  readonly shadowMs: number;
  /** Shares of the traffic in 1/10000. Taken in ascending order; 0 and 10000 and repetitions are left out. */
  readonly canaryBasisPoints: readonly number[];
  /** Event time each canary share is held, milliseconds. */
  readonly stepMs: number;
}

/** The smallest canary share above the one in force, or undefined where the next step is promotion. */
export function nextCanaryShare(policy: RolloutPolicy, currentBasisPoints: number): number | undefined {
  return policy.canaryBasisPoints
    .filter((share) => share > Math.max(currentBasisPoints, 0) && share < wholeTraffic)
    .toSorted((a, b) => a - b)[0];
}
