import type { Cure } from './cure.ts';

/** The cures whose absence the small campaign must notice. */
export const cures: readonly Cure[] = [];
