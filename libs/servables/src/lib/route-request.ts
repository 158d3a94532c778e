import { hash32 } from '@adstocrat/transforms';

/** All of a model's traffic, in 1/10000. */
export const wholeTraffic = 10_000;

/** Where a model's requests go: what is in force, of a deployment. */
export interface Routing {
  readonly labels: Readonly<Record<string, number>>;
  /** Sums to {@link wholeTraffic}. */
  readonly split: readonly { readonly version: number; readonly basisPoints: number }[];
}

/** What a request says of the version it wants; nothing: the split decides. */
export interface RouteChoice {
  readonly version?: number;
  readonly label?: string;
  /** The task's unit, else the prediction id: one key stays on one side. */
  readonly stickyKey: string;
}

/** Where a key falls in [0, 10000) for a model: each model has its own shuffle, so that no person is canary everywhere. */
export function routePoint(model: string, stickyKey: string): number {
  return hash32(`${model}\n${stickyKey}`) % wholeTraffic;
}

/**
 * The version that answers, or undefined for a label that points nowhere. A version asked for by number is taken as it is:
 * whether it is loaded is the caller's to know. Without either, the key's point falls into the split: the canary takes the
 * points from 0 on, so a key that it has at 10 % it has at 50 %.
 */
export function routeRequest(model: string, routing: Routing, choice: RouteChoice): number | undefined {
  if (choice.version !== undefined) return choice.version;
  if (choice.label !== undefined) return routing.labels[choice.label];
  const { stable, canary } = routing.labels as { readonly stable?: number; readonly canary?: number };
  const shares = routing.split.filter(({ basisPoints }) => basisPoints > 0);
  if (shares.length <= 1) return shares[0]?.version ?? stable;
  const ordered = shares.toSorted(
    (a, b) => Number(b.version === canary) - Number(a.version === canary) || a.version - b.version,
  );
  let point = routePoint(model, choice.stickyKey);
  for (const { version, basisPoints } of ordered) {
    if (point < basisPoints) return version;
    point -= basisPoints;
  }
  return stable;
}
