const prefix = 'lone AUC of ';

/** A run's figure of how well a column alone ranks its validation rows, in [0.5, 1]: by name. */
export function loneAucFigure(column: string): string {
  return prefix + column;
}

/** Those among a run's figures: column → AUC. Training records the suspicious ones. */
export function loneAucsOf(figures: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(figures)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, auc]) => [name.slice(prefix.length), auc]),
  );
}
