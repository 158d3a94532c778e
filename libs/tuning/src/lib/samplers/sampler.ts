import type { Point, Space } from '../parameter.ts';

/** How far a trial has come. */
export interface Merit {
  /** Rungs that it has reached, from 1. */
  readonly rung: number;
  /** At the last of them. */
  readonly loss: number;
}

/** What a trial has shown. */
export interface Seen extends Merit {
  readonly point: Point;
}

/** The better one first: who came further, and of those the lower loss. */
export function byMerit(one: Merit, other: Merit): number {
  return other.rung - one.rung || one.loss - other.loss;
}

/** Draws the next point from what was seen so far. `random`: uniform in [0, 1). The same of both gives the same point. */
export type Sampler = (space: Space, seen: readonly Seen[], random: () => number) => Point;
