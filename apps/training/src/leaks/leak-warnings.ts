import { suspiciousAuc } from './lone-aucs.ts';

const prefix = 'lone AUC of ';

/** The columns that rank suspiciously well alone, as figures of the run: name of the figure → AUC. */
export function leakFigures(aucs: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const suspicious = [...aucs].filter(([, auc]) => auc >= suspiciousAuc);
  return Object.fromEntries(suspicious.map(([column, auc]) => [prefix + column, auc]));
}

/** The figures in sentences. */
export function warningsOf(figures: Readonly<Record<string, number>>): string[] {
  return Object.entries(figures)
    .filter(([name]) => name.startsWith(prefix))
    .map(
      ([name, auc]) =>
        `column "${name.slice(prefix.length)}" alone ranks the validation rows with AUC ${auc.toFixed(3)}: if it is known only after the label, set features: {${name.slice(prefix.length)}: ignore} in the task`,
    );
}
