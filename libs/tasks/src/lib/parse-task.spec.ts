import { describe, expect, it } from 'vitest';
import { isGuessed } from './no-guess.ts';
import { parseTask, TaskError, taskYaml } from './parse-task.ts';
import { parseDurationMs, parseShare } from './units.ts';

const smallest = 'name: t\ndata: {examples: ["*.csv"]}\nlabel: y\n';

describe('parseTask', () => {
  it('fills in the defaults of the smallest task', () => {
    expect(parseTask(smallest, 'task.yaml')).toMatchObject({
      name: 't',
      label: 'y',
      window: '24h',
      rollout: { canary: ['10%', '50%'] },
    });
  });

  it.each(['none', 'null', '~', ''])(
    'reads a role that is %j as one that no column has, and none is guessed to have',
    (none) => {
      const task = parseTask(`${smallest}id: ${none}\neventTime: at\nimage: ${none}\n`, 'task.yaml');
      expect(task).toMatchObject({ eventTime: 'at', notGuessed: ['id', 'image'] });
      expect([task.id, task.image]).toEqual([undefined, undefined]);
      expect((['id', 'eventTime', 'unit', 'image'] as const).filter((role) => isGuessed(task, role))).toEqual(['unit']);
      expect(parseTask(taskYaml(task), 'again')).toEqual(task);
    },
  );

  it('names an unknown key, its line, and a wrong value at once', () => {
    const text = `${smallest}windw: 3h\nwindow: soon\n`;
    expect(() => parseTask(text, 'task.yaml')).toThrow(TaskError);
    expect(() => parseTask(text, 'task.yaml')).toThrow(/task\.yaml:4: windw: unknown key/);
    expect(() => parseTask(text, 'task.yaml')).toThrow(/task\.yaml:5: window: a duration such as/);
  });

  it.each([
    [
      'label: y\n',
      /data: missing: a map of keys is wanted, which files are rows, as `data: \{examples: \['\*\.csv'\]\}`/,
    ],
    ['label: y\n', /name: missing: a text is wanted, the name of the model, as `name: ad-clicks`/],
    [
      'name: t\ndata: ["*.csv"]\nlabel: y\n',
      /t\.yaml:2: data: a map of keys is wanted, got \["\*\.csv"\], which files/,
    ],
    ['name: t\ndata: {examples: "*.csv"}\nlabel: y\n', /data\.examples: a list is wanted, got "\*\.csv"/],
    [`${smallest}unit: 5\n`, /t\.yaml:4: unit: a text is wanted, got 5/],
    ['- a\n', /t\.yaml:1: a map of keys is wanted, got \["a"\]/],
    ['', /t\.yaml: missing: a map of keys is wanted/],
  ])('says of %j what is wanted, as YAML has it', (text, message) => {
    expect(() => parseTask(text, 't.yaml')).toThrow(message);
  });

  it('says what is no YAML', () => {
    expect(() => parseTask('name: [', 'broken.yaml')).toThrow(/broken\.yaml: not YAML/);
  });

  it('names what is wrong with a feature, and its line', () => {
    const text = `${smallest}features:\n  price: vocab\n  site: {op: hash, buckets: 0}\n`;
    expect(() => parseTask(text, 'task.yaml')).toThrow(
      /task\.yaml:5: features\.price: no operation "vocab": allowed are /,
    );
    expect(() => parseTask(text, 'task.yaml')).toThrow(/task\.yaml:6: features\.site\.buckets: .*>=1, got 0/);
  });

  it('names what is wrong with a setting, and its line', () => {
    const setting = (more: string): string =>
      `{name: wide, learningRate: 0.01, embedding: {units: 8, l2: 5, dropout: 0}, streams: [${more}]}`;
    const text = (...settings: readonly string[]): string =>
      `${smallest}training:\n  settings:\n${settings.map((one) => `    - ${one}\n`).join('')}`;
    const pairs = setting('{stream: factorization-machine}');
    expect(parseTask(text(pairs), 'task.yaml').training.settings).toHaveLength(1);
    expect(() => parseTask(text(setting('')), 'task.yaml')).toThrow(/training\.settings\.0\.streams: .*>=1 item/);
    expect(() => parseTask(text(setting('{stream: boosted-trees}')), 'task.yaml')).toThrow(
      /task\.yaml:6: training\.settings\.0\.streams\.0\.stream: /,
    );
    const twice = setting('{stream: factorization-machine}, {stream: factorization-machine}');
    expect(() => parseTask(text(twice), 'task.yaml')).toThrow(/training\.settings\.0\.streams: each stream once/);
    expect(() => parseTask(`${text(pairs)}  learningRate: 0.1\n`, 'task.yaml')).toThrow(
      /training\.learningRate: each of the settings has one/,
    );
    expect(() => parseTask(text(pairs, pairs), 'task.yaml')).toThrow(/training\.settings: each name once/);
  });

  it.each(['', 'features: {__proto__: hash, constructor: ignore, price: [auto, {op: clip, min: 0, max: 9}]}\n'])(
    'reads back what taskYaml writes, %j',
    (more) => {
      const task = parseTask(smallest + more, 'a');
      expect(parseTask(taskYaml(task), 'b')).toEqual(task);
      expect(Object.keys(task.features)).toHaveLength(more === '' ? 0 : 3);
    },
  );
});

describe('units', () => {
  it.each([
    ['1.5d', 129_600_000],
    ['250ms', 250],
    ['2w', 1_209_600_000],
  ] as const)('reads %s as %d ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });
  it('refuses what is no duration or share', () => {
    expect(() => parseDurationMs('1 day')).toThrow(RangeError);
    expect(() => parseShare('120%')).toThrow(RangeError);
    expect(parseShare('2.5%')).toBe(0.025);
  });
});
