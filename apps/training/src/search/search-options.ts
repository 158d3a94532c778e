import type { Task } from '@adstocrat/tasks';
import { defaultBudget } from './schedule.ts';
import type { SearchOptions } from './search-model.ts';

/** What a task says of the search for its model. */
export function searchOptionsOf({ training }: Pick<Task, 'training'>): SearchOptions {
  const { budget = defaultBudget, seed = 1, batchSize, maxSteps, learningRate, settings } = training;
  return {
    budget,
    seed,
    ...(batchSize !== undefined && { batchSize }),
    ...(maxSteps !== undefined && { maxSteps }),
    ...(learningRate !== undefined && { learningRate }),
    ...(settings !== undefined && { settings }),
  };
}
