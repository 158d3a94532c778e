import { isDeepStrictEqual } from 'node:util';
import type { StreamOptions } from '@adstocrat/models';
import { type IdInputs, mostUnitsFor, portfolio } from '../search/portfolio.ts';
import type { Setting } from '../search/setting.ts';
import { isChoice, isMeant, type NumberParameter, type Parameter, type Point, type Space } from '@adstocrat/tuning';

const models = ['pairs', 'cross network', 'pairs and cross network', 'two streams'] as const;
const withPairs: readonly string[] = ['pairs', 'pairs and cross network'];
const withCross: readonly string[] = ['cross network', 'pairs and cross network'];
const withHidden: readonly string[] = [...withCross, 'two streams'];
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
  return [
    { name: 'model', choices: inputs.fields === 0 ? models.filter((one) => !withPairs.includes(one)) : models },
    { name: 'learningRate', scale: 'log', from: 5e-4, to: 5e-2 },
    ...(inputs.fields === 0
      ? []
      : ([
          units('units', own, ['pairs']),
          units('unitsRead', read, withHidden),
          { name: 'l2', scale: 'log', from: 0.5, to: 200 },
        ] satisfies readonly Parameter[])),
    { name: 'dropoutRead', scale: 'even', from: 0, to: 0.5, ...hidden },
    { name: 'crossLayers', scale: 'even', from: 1, to: 4, whole: true, when: { parameter: 'model', is: withCross } },
    { name: 'hidden', choices: hiddenLayers, ...hidden },
    { name: 'dropout', scale: 'even', from: 0, to: 0.5, ...hidden },
    { name: 'batchNorm', choices: ['no', 'yes'], ...hidden },
  ];
}

/** The setting that a point of a space stands for. */
export function settingOf(point: Point, name: string): Setting {
  const number = (key: string, absent = 0): number => Number(point[key] ?? absent);
  const model = String(point['model']);
  const hidden = String(point['hidden']).split('-').map(Number);
  const dropout = number('dropout');
  const normal = point['batchNorm'] === 'yes' ? { batchNorm: true } : {};
  const streams: StreamOptions[] = [
    ...(withPairs.includes(model) ? [{ stream: 'factorization-machine' } as const] : []),
    ...(withCross.includes(model)
      ? [{ stream: 'cross-network', crossLayers: number('crossLayers'), hidden, dropout, ...normal } as const]
      : []),
    ...(model === 'two streams'
      ? [{ stream: 'two-stream', left: hidden, right: hidden, dropout, ...normal } as const]
      : []),
  ];
  return {
    name,
    learningRate: number('learningRate'),
    embedding: { units: number('units', number('unitsRead', 1)), l2: number('l2'), dropout: number('dropoutRead') },
    streams,
  };
}

/** The portfolio's settings as points: what a run tries by itself is what a study has to better. */
export function portfolioPoints(inputs: IdInputs): readonly Point[] {
  const space = tuningSpace(inputs);
  const points = portfolio(inputs).map(({ streams, embedding, learningRate }) => {
    const cross = streams.find((one) => one.stream === 'cross-network');
    // Without fields there are no pairs, whatever a setting says.
    const pairs = inputs.fields > 0 && streams.some((one) => one.stream === 'factorization-machine');
    const all: Point = {
      model: cross === undefined ? 'pairs' : pairs ? 'pairs and cross network' : 'cross network',
      learningRate,
      units: embedding.units,
      unitsRead: embedding.units,
      l2: embedding.l2,
      dropoutRead: embedding.dropout,
      ...(cross && { crossLayers: cross.crossLayers, hidden: cross.hidden.join('-'), dropout: cross.dropout }),
      ...(cross && { batchNorm: cross.batchNorm === true ? 'yes' : 'no' }),
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
