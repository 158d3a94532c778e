/** As a figure of a run: networks of which no numbers were finite past their beginning. */
const astrayFigure = 'networks astray';

export function astrayFigures(astray: readonly string[]): Readonly<Record<string, number>> {
  return astray.length === 0 ? {} : { [astrayFigure]: astray.length };
}

/** The figure in a sentence, where there is one. The model card says which they are. */
export function astrayWarnings(figures: Readonly<Record<string, number>>): string[] {
  const networks = figures[astrayFigure] ?? 0;
  if (networks === 0) return [];
  return [
    `the numbers of ${networks === 1 ? 'one network' : `${networks} networks`} were not finite, so that the model was found without: see its model card; a lower training.learningRate may mend it`,
  ];
}
