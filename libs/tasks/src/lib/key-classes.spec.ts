import { describe, expect, it } from 'vitest';
import { dataPart, type KeyClass, keyClasses, listSeparator, readingOf } from './key-classes.ts';
import { parseTask } from './parse-task.ts';
import { Task } from './task.ts';

const base = 'name: t\ndata: {examples: ["*.csv"]}\nlabel: y\n';
const read = (more: string): Task => parseTask(base + more, 'task.yaml');

/** A change of each key, as written, from the smallest task. */
const changes: Readonly<Record<keyof Task, string>> = {
  name: 'name: other\ndata: {examples: ["*.csv"]}\nlabel: y\n',
  data: 'name: t\ndata: {examples: ["*.csv"], tolerate: 2%}\nlabel: y\n',
  label: 'name: t\ndata: {examples: ["*.csv"]}\nlabel: z\n',
  positive: `${base}positive: [click]\n`,
  unlabelled: `${base}unlabelled: negative\n`,
  id: `${base}id: row\n`,
  eventTime: `${base}eventTime: at\n`,
  timeFormat: `${base}timeFormat: iso-8601\n`,
  unit: `${base}unit: user\n`,
  item: `${base}item: ad\n`,
  image: `${base}image: {column: pic}\n`,
  notGuessed: `${base}eventTime: none\n`,
  split: `${base}split: {by: hash}\n`,
  personal: `${base}personal: {user: hash}\n`,
  features: `${base}features: {price: log1p}\n`,
  training: `${base}training: {seed: 2}\n`,
  knownLater: `${base}knownLater: {position: 1}\n`,
  weight: `${base}weight: price\n`,
  impressions: `${base}impressions: impression\n`,
  window: `${base}window: 2h\n`,
  slices: `${base}slices: [[site]]\n`,
  thresholds: `${base}thresholds: {minAuc: 0.6}\n`,
  rollout: `${base}rollout: {step: 2m}\n`,
};

describe('keyClasses', () => {
  it('has every key of a task, and no other', () => {
    expect(Object.keys(keyClasses).sort()).toEqual(Object.keys(Task.out.shape).sort());
  });

  it.each(Object.entries(keyClasses) as [keyof Task, KeyClass][])('a changed %s is a matter of %s', (key, kind) => {
    const before = key === 'features' ? read('features: {price: magnitude}\n') : read('');
    const changed = parseTask(changes[key], 'task.yaml');
    expect(changed[key]).not.toEqual(before[key]);
    if (kind === 'data') expect(dataPart(changed)).not.toEqual(dataPart(before));
    else expect(dataPart(changed)).toEqual(dataPart(before));
  });
});

describe('readingOf', () => {
  it.each([
    ['ignore', 'ignored'],
    ['numeric', 'numeric'],
    ['buckets', 'numeric'],
    ['vocabulary', 'names'],
    ['[log1p, {op: hash, buckets: 8}]', 'names'],
    ['{op: targetRate}', 'names'],
    ['log1p', 'told'],
    ['auto', 'told'],
  ])('reads %s as %s', (declared, reading) => {
    expect(readingOf(read(`features: {price: ${declared}}\n`).features, 'price')).toBe(reading);
  });

  it('says nothing of a column that features does not name, whatever it is called', () => {
    for (const column of ['price', 'constructor', '__proto__'])
      expect(readingOf(read('').features, column)).toBeUndefined();
  });

  it('is part of what decides about data: another reading is another span', () => {
    const part = (declared: string): unknown => dataPart(read(`features: {price: ${declared}}\n`));
    expect(part('log1p')).toEqual(part('magnitude'));
    expect(part('numeric')).not.toEqual(part('log1p'));
    expect(part('ignore')).not.toEqual(part('log1p'));
    expect(part('log1p')).not.toEqual(dataPart(read('')));
  });
});

describe('listSeparator', () => {
  it.each([
    ['list', '|'],
    ['[log1p, {op: hashedList, separator: ";"}]', ';'],
    ['{op: list, limit: 7}', '|'],
    ['tokens', undefined],
    ['ignore', undefined],
  ])('of %s is %s', (declared, separator) => {
    expect(listSeparator(read(`features: {tags: ${declared}}\n`).features, 'tags')).toBe(separator);
  });
});
