import { describe, expect, it } from 'vitest';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { ListValue } from '../infer/list-value.ts';
import { exampleInputs, examplesOf, parseExamples } from './example-inputs.ts';

const limits = { rows: 4, values: 12, bytes: 1000, valueBytes: 65_536, pixels: 1e8 };
const names = new Set(['site', 'price', 'n', '__proto__', 'tags']);
const lists = new Set(['tags']);
const bytes = (...value: readonly string[]): tfs.Feature =>
  tfs.Feature.create({ bytesList: { value: value.map((one) => Buffer.from(one)) } });
const floats = (...value: readonly number[]): tfs.Feature => tfs.Feature.create({ floatList: { value: [...value] } });
const ints = (...value: readonly bigint[]): tfs.Feature => tfs.Feature.create({ int64List: { value: [...value] } });
const example = (features: readonly (readonly [string, tfs.Feature])[]): tfs.Example =>
  tfs.Example.create({ features: { feature: new Map(features) } });
const list = (...examples: readonly tfs.Example[]): tfs.Input =>
  tfs.Input.create({ exampleList: { examples: [...examples] } });

describe('exampleInputs', () => {
  it('has a row for each example, and null for what it leaves out', () => {
    const examples = [
      example([
        ['site', bytes('news')],
        ['price', floats(1.5)],
        ['label', ints(1n)],
      ]),
      example([
        ['n', ints(2n ** 60n)],
        ['price', floats()],
        ['__proto__', bytes('x')],
      ]),
      example([]),
    ];
    expect(exampleInputs(examplesOf(list(...examples)), { names, lists, limits })).toEqual(
      new Map([
        ['site', { kind: 'mixed', values: [Buffer.from('news'), null, null], shape: [3], isSingle: true }],
        ['price', { kind: 'mixed', values: [1.5, null, null], shape: [3], isSingle: true }],
        ['n', { kind: 'mixed', values: [null, 2n ** 60n, null], shape: [3], isSingle: true }],
        ['__proto__', { kind: 'mixed', values: [null, Buffer.from('x'), null], shape: [3], isSingle: true }],
      ]),
    );
  });

  it('takes several values of one that is read as a list', () => {
    const examples = [example([['tags', ints(1n, 2n)]]), example([['tags', bytes('a')]]), example([['tags', bytes()]])];
    expect(exampleInputs(examples, { names, lists, limits }).get('tags')?.values).toEqual([
      new ListValue([1n, 2n]),
      Buffer.from('a'),
      null,
    ]);
  });

  it('takes numbers of 32 bits in a list as the shortest of that value', () => {
    const [some, one] = [floats(Math.fround(0.1), 3, 1e10), floats(Math.fround(0.7))];
    const examples = [example([['tags', some]]), example([['tags', one]])];
    expect(exampleInputs(examples, { names, lists, limits }).get('tags')?.values).toEqual([
      new ListValue([0.1, 3, 1e10]),
      0.7,
    ]);
  });

  it("takes the context's features where an example has none of that name", () => {
    const input = tfs.Input.create({
      exampleListWithContext: {
        examples: [example([['site', bytes('own')]]), example([['price', floats(2)]])],
        context: example([['site', bytes('shared')]]),
      },
    });
    const inputs = exampleInputs(examplesOf(input), { names, lists, limits });
    expect(Array.from(inputs.get('site')?.values ?? [], String)).toEqual(['own', 'shared']);
  });

  it.each([undefined, tfs.Input.create(), list()])('refuses no examples', (input) => {
    expect(() => examplesOf(input)).toThrow('Input is empty.');
  });

  it('refuses several values in a feature, naming it and the row', () => {
    const two = [example([]), example([['price', floats(1, 2)]])];
    expect(() => exampleInputs(two, { names, lists, limits })).toThrow(/"price", row 1: has 2 values/);
  });

  it('refuses more rows, and more values, than are answered at once', () => {
    const priced = example([['price', floats(1)]]);
    expect(() => exampleInputs(new Array<tfs.Example>(5).fill(priced), { names, lists, limits })).toThrow(/at most 4/);
    const wide = example([...names].map((name) => [name, floats(1)]));
    expect(() => exampleInputs([wide, wide, wide, wide], { names, lists, limits })).toThrow(/at most 12/);
  });
});

describe('parseExamples', () => {
  it('reads serialized examples', () => {
    const one = example([['n', ints(-3n)]]);
    expect(parseExamples([tfs.Example.encode(one).finish()])).toEqual([one]);
  });

  it('refuses other bytes, naming the row', () => {
    expect(() => parseExamples([new Uint8Array(0), Buffer.from([0xff, 0xff])])).toThrow(
      'Could not parse example input, value 1',
    );
  });
});
