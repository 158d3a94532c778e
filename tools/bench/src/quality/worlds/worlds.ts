import { categoricalWorld } from './categorical-world.ts';
import { Draws } from './draws.ts';
import { habitWorld } from './habit-world.ts';
import { textWorld } from './text-world.ts';
import { thresholdWorld } from './threshold-world.ts';
import { openBandit } from './open-bandit.ts';
import type { MakeWorld } from './world.ts';

/** A world and what share of the asked rows it takes. `isObserved`: its chances are what came of it, and no ceiling is known. */
export interface PlainWorld {
  readonly share: number;
  readonly make: MakeWorld;
  readonly isObserved?: true;
}

/** The worlds of rows without images, by name. */
export const plainWorlds: Readonly<Record<string, PlainWorld>> = {
  'interactions, dense': {
    share: 1,
    make: (seed) => {
      const draws = new Draws(seed);
      const law = {
        linear: draws.uniform(0.4, 0.8),
        pairwise: draws.uniform(2.5, 4),
        logOdds: draws.uniform(-1.5, -0.5),
      };
      return categoricalWorld({ name: 'interactions, dense', seed, fields: 10, values: [4, 300], ...law });
    },
  },
  'interactions, sparse': {
    share: 1,
    make: (seed) => {
      const draws = new Draws(seed);
      const law = { linear: draws.uniform(0.4, 0.8), pairwise: draws.uniform(2, 3), logOdds: draws.uniform(-2, -1) };
      return categoricalWorld({ name: 'interactions, sparse', seed, fields: 10, values: [20, 5000], ...law });
    },
  },
  additive: {
    share: 1,
    make: (seed) => {
      const law = { linear: new Draws(seed).uniform(0.8, 1.3), pairwise: 0, logOdds: -2.5 };
      return categoricalWorld({ name: 'additive', seed, fields: 12, values: [3, 1500], ...law });
    },
  },
  habits: { share: 1, make: habitWorld },
  texts: { share: 1, make: textWorld },
  thresholds: { share: 1, make: thresholdWorld },
  drifting: {
    share: 1,
    make: (seed) => {
      const law = { linear: new Draws(seed).uniform(0.8, 1.2), pairwise: 0.8, logOdds: -2, drift: 1 };
      return categoricalWorld({ name: 'drifting', seed, fields: 8, values: [3, 300], ...law });
    },
  },
  tiny: {
    share: 0.05,
    make: (seed) => {
      const law = { linear: 1, pairwise: 0.5, logOdds: -5.3 };
      return categoricalWorld({ name: 'tiny', seed, fields: 6, values: [3, 200], ...law });
    },
  },
  'open bandit': { share: 1, make: openBandit, isObserved: true },
};
