import { loneAucFigure, loneAucsOf } from '@adstocrat/metadata';
import { suspiciousAuc } from './lone-aucs.ts';

/** The columns that rank suspiciously well alone, as figures of the run: name of the figure → AUC. */
export function leakFigures(aucs: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const suspicious = [...aucs].filter(([, auc]) => auc >= suspiciousAuc);
  return Object.fromEntries(suspicious.map(([column, auc]) => [loneAucFigure(column), auc]));
}

/** The figures in sentences. */
export function leakWarnings(figures: Readonly<Record<string, number>>): string[] {
  return Array.from(
    loneAucsOf(figures),
    ([column, auc]) =>
      `column "${column}" alone ranks the validation rows with AUC ${auc.toFixed(3)}: if it is known only after the label, set features: {${column}: ignore} in the task (thresholds: {loneAuc: 0.999} keeps such models out of service)`,
  );
}
