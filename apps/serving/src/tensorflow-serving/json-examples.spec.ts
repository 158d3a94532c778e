import { describe, expect, it } from 'vitest';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import { jsonExamples } from './json-examples.ts';
import { requestDocument } from './request-document.ts';

const read = (body: string): tfs.Input =>
  jsonExamples(requestDocument(Buffer.from(body), { integersApart: true }).body);
const features = ({ exampleList }: tfs.Input): ReadonlyMap<string, tfs.Feature> | undefined =>
  exampleList?.examples[0]?.features?.feature;

describe('jsonExamples', () => {
  it('gives each kind of value its kind of list', () => {
    const found = features(
      read(
        '{"examples": [{"i": [1, true, 9007199254740993], "f": [1.0, 2.5], "s": "é", "b": {"b64": "AP8="}, "none": []}]}',
      ),
    );
    expect(found).toEqual(
      new Map([
        ['i', tfs.Feature.create({ int64List: { value: [1n, 1n, 9007199254740993n] } })],
        ['f', tfs.Feature.create({ floatList: { value: [1, 2.5] } })],
        ['s', tfs.Feature.create({ bytesList: { value: [Buffer.from('é')] } })],
        ['b', tfs.Feature.create({ bytesList: { value: [Buffer.from([0, 255])] } })],
        ['none', tfs.Feature.create()],
      ]),
    );
  });

  it('reads a context', () => {
    const { exampleListWithContext } = read('{"context": {"site": "news"}, "examples": [{}, {}]}');
    expect(exampleListWithContext?.examples).toHaveLength(2);
    expect(exampleListWithContext?.context?.features?.feature.size).toBe(1);
  });

  it.each([
    ['{}', "JSON Value: {} When method is classify, key 'examples' is expected and was not found"],
    ['{"examples": 1}', 'JSON Value: {\n    "examples": 1\n} Expecting \'examples\' value to be an list/array'],
    ['{"examples": []}', 'JSON Value: {\n    "examples": []\n} \'examples\' value is an empty array'],
    ['{"examples": [1]}', 'Example must be JSON object but got JSON Number'],
    ['{"examples": [{"f": [1, 2.5]}]}', 'Unexpected element type in feature: f expecting type: int64'],
    ['{"examples": [{"f": ["a", 1]}]}', 'Unexpected element type in feature: f expecting type: bytes'],
    ['{"examples": [{"f": null}]}', 'Feature: f has element with unexpected JSON type: Null'],
    ['{"examples": [{"f": [[1]]}]}', 'Feature: f has element with unexpected JSON type: Array'],
    ['{"examples": [{"f": {"b65": ""}}]}', 'Feature: f has element with unexpected JSON type: Object'],
    ['{"examples": [{"f": {"b64": "*"}}]}', 'Unable to base64 decode'],
    ['{"examples": [{"f": 18446744073709551615}]}', 'Feature: f has uint64_t element. Only int64_t is supported.'],
    ['[1, 2]', 'JSON Value: [1, 2] Is not object'],
    [
      '{"signature_name": 3}',
      'JSON Value: {\n    "signature_name": 3\n} not formatted correctly. \'signature_name\' key must be a string value.',
    ],
  ])('refuses %s', (body, says) => {
    expect(() => read(body)).toThrow(new InvalidRequest(says));
  });
});
