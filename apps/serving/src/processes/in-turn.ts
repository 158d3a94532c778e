import { ServiceFailure, statusCode } from '@adstocrat/service-kit';
import type { AskOptions } from './lanes.ts';

/** How an ask about a model has its turn among the others: a load is given up for an unload that comes after it. */
export function inTurn(about: 'load' | 'unload' | 'keep-out', model: string, withinMs: number): AskOptions {
  if (about === 'load') return { withinMs, yields: true };
  const overrides = new ServiceFailure(
    statusCode.aborted,
    `failed to load '${model}', it was unloaded before that was done`,
  );
  return { withinMs, overrides };
}
