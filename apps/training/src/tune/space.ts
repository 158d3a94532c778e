import { isDeepStrictEqual } from 'node:util';
import { crossLayersFor, type IdInputs, mostUnitsFor, portfolio } from '../search/portfolio.ts';
import type { Setting } from '../search/setting.ts';
import { isChoice, isMeant, type NumberParameter, type Parameter, type Point, type Space } from '@adstocrat/tuning';
import { modelsWith, pointOfStreams, streamsAt, tunedModels } from './tuned-models.ts';

const withHidden = modelsWith(({ hasHidden }) => hasHidden === true);
const withCross = modelsWith((_, name) => name === 'cross-network');
const withIds = modelsWith(({ needsIds }) => needsIds === true);
const names = tunedModels.map(({ name }) => name);
const mostCrossLayers = 4;
const hiddenLayers = ['32', '64-32', '128-64', '256-128-64'] as const;

/** What a study may set: the portfolio's kinds of models and FinalMLP's two streams, each with what the portfolio fixes. */
export function tuningSpace(inputs: IdInputs): Space {
  const [own, read] = [mostUnitsFor(inputs, 'pairs'), mostUnitsFor(inputs, 'network')];
  const units = (name: string, to: number, is: readonly string[]): NumberParameter => ({
    name,
    scale: 'log',
    from: Math.min(2, to),
    to,
    whole: true,
    when: { parameter: 'model', is },
  });
  const hidden = { when: { parameter: 'model', is: withHidden } };
  // Over very many columns there is room for one at most, or for none.
  const layers = crossLayersFor(inputs, mostCrossLayers);
  const crossLayers: NumberParameter = {
    name: 'crossLayers',
    scale: 'even',
    from: layers > 1 ? 1 : 0,
    to: layers,
    whole: true,
    when: { parameter: 'model', is: withCross },
  };
  return [
    { name: 'model', choices: inputs.fields === 0 ? names.filter((one) => !withIds.includes(one)) : names },
    { name: 'learningRate', scale: 'log', from: 5e-4, to: 5e-2 },
    ...(inputs.fields === 0
      ? []
      : ([
          units(
            'units',
            own,
            names.filter((one) => !withHidden.includes(one)),
          ),
          units('unitsRead', read, withHidden),
          { name: 'l2', scale: 'log', from: 0.5, to: 200 },
        ] satisfies readonly Parameter[])),
    { name: 'dropoutRead', scale: 'even', from: 0, to: 0.5, ...hidden },
    ...(layers === 0 ? [] : [crossLayers]),
    { name: 'hidden', choices: hiddenLayers, ...hidden },
    { name: 'dropout', scale: 'even', from: 0, to: 0.5, ...hidden },
    { name: 'batchNorm', choices: ['no', 'yes'], ...hidden },
  ];
}

/** The setting that a point of a space stands for. */
export function settingOf(point: Point, name: string): Setting {
  const number = (key: string, absent = 0): number => Number(point[key] ?? absent);
  return {
    name,
    learningRate: number('learningRate'),
    embedding: { units: number('units', number('unitsRead', 1)), l2: number('l2'), dropout: number('dropoutRead') },
    streams: streamsAt(point),
  };
}

/** The portfolio's settings as points: what a run tries by itself is what a study has to better. */
export function portfolioPoints(inputs: IdInputs): readonly Point[] {
  const space = tuningSpace(inputs);
  const points = portfolio(inputs).map(({ streams, embedding, learningRate }) => {
    const all: Point = {
      ...pointOfStreams(streams, inputs.fields > 0),
      learningRate,
      units: embedding.units,
      unitsRead: embedding.units,
      l2: embedding.l2,
      dropoutRead: embedding.dropout,
    };
    return meant(space, all);
  });
  // Without fields two of them differ in nothing that means something.
  return points.filter((point, index) => points.findIndex((one) => isDeepStrictEqual(one, point)) === index);
}

/** Of these values, those that mean something. Throws `RangeError` for one that is not of the space. */
function meant(space: Space, all: Point): Point {
  const point: Record<string, number | string> = {};
  for (const parameter of space) {
    const value = all[parameter.name];
    if (value === undefined || !isMeant(parameter, point)) continue;
    const isOfIt = isChoice(parameter)
      ? parameter.choices.includes(String(value))
      : Number(value) >= parameter.from && Number(value) <= parameter.to;
    if (!isOfIt) throw new RangeError(`${parameter.name} ${value} is not of the space`);
    point[parameter.name] = value;
  }
  return point;
}
