import { describe, expect, it } from 'vitest';
import { Task } from '@adstocrat/tasks';
import type { ScannedFile } from '@adstocrat/example-engine';
import { guessesOf } from './guesses.ts';

const written = Task.parse({ name: 't', data: { examples: ['*.csv'] }, label: 'y' });
const file = (change: Partial<ScannedFile['format']> = {}, kind: ScannedFile['kind'] = 'csv'): ScannedFile => ({
  name: 'a.csv',
  kind,
  rows: 9,
  format: { encoding: 'utf-8', delimiter: ',', ...change },
  unnamedIndex: false,
});
const said = (task: Task, files: readonly ScannedFile[], positive?: readonly string[], from = written): string[] =>
  guessesOf(from, { task, files, ...(positive && { positive }) }).map(
    ({ what, value, key }) => `${what} ${value} [${key}]`,
  );

describe('guessesOf', () => {
  it('names all that a task leaves open, what was found for it, and the key that changes it', () => {
    const told: Task = {
      ...written,
      id: 'i',
      eventTime: 'at',
      timeFormat: 'iso-8601',
      image: { column: 'pic', base: 'img/' },
    };
    expect(said(told, [file({ delimiter: ';' }), file({ encoding: 'windows-1252' })], ['yes'])).toEqual([
      'id i [id]',
      'event time at [eventTime]',
      'times written as iso-8601 [timeFormat]',
      'zone of times without one UTC [data.zone]',
      'unit none [unit]',
      'item none [item]',
      'image pic below img/ [image]',
      'format csv [data.format]',
      'delimiter semicolon, comma [data.delimiter]',
      'encoding utf-8, windows-1252 [data.encoding]',
      'positive label yes [positive]',
    ]);
  });

  it('names how arrays are read and where a comma begins decimals', () => {
    const told = { ...written, features: { tags: 'list', lines: 'ignore', price: 'numeric' } } as Task;
    const from = { ...written, features: { price: 'numeric' } } as Task;
    const guesses = guessesOf(from, { task: told, files: [], decimal: ['net', 'gross'] });
    expect(guesses.slice(-3)).toEqual([
      { what: 'decimal comma in', value: 'net, gross', key: 'data.decimal' },
      { what: '"tags"', value: 'as list', key: 'features.tags' },
      { what: '"lines"', value: 'as ignore', key: 'features.lines' },
    ]);
  });

  it('says nothing of what the task says, nor of what there is not', () => {
    const full = Task.parse({
      ...written,
      id: 'i',
      unit: 'u',
      item: 'c',
      eventTime: 'at',
      timeFormat: 'iso-8601',
      image: { column: 'pic' },
      data: { examples: ['*'], format: 'parquet', zone: 'Europe/Berlin' },
      positive: 'yes',
    });
    expect(said(full, [file({}, 'parquet')], ['yes'], full)).toEqual([]);
  });
});
