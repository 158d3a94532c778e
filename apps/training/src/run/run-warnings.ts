import { leakWarnings } from '../leaks/leak-warnings.ts';
import { astrayWarnings } from '../search/astray-networks.ts';

/** What people should know of a run, from its figures. */
export function warningsOf(figures: Readonly<Record<string, number>>): string[] {
  return [...leakWarnings(figures), ...astrayWarnings(figures)];
}
