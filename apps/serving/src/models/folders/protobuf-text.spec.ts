import { describe, expect, it } from 'vitest';
import { parseProtobufText, type TextMessage } from './protobuf-text.ts';

/** Messages as plain objects of lists. */
const plain = (message: TextMessage): unknown =>
  Object.fromEntries(
    Array.from(message, ([name, values]) => [
      name,
      values.map((value) => (typeof value === 'string' ? value : plain(value))),
    ]),
  );

describe('parseProtobufText', () => {
  it('reads a configuration as TensorFlow Serving documents it', () => {
    const text = `
      # the models of this server
      model_config_list: {
        config: {
          name: "my_first_model",
          base_path: '/tmp/my_first_model/'
          model_version_policy { specific { versions: 42 versions: 43 } }
          version_labels { key: 'stable' value: 42 };
        }
        config < name: "my" "_second" base_path: "gs://b/\\"x\\"" model_version_policy: { all {} } >
      }`;
    expect(plain(parseProtobufText(text))).toEqual({
      model_config_list: [
        {
          config: [
            {
              name: ['my_first_model'],
              base_path: ['/tmp/my_first_model/'],
              model_version_policy: [{ specific: [{ versions: ['42', '43'] }] }],
              version_labels: [{ key: ['stable'], value: ['42'] }],
            },
            { name: ['my_second'], base_path: ['gs://b/"x"'], model_version_policy: [{ all: [{}] }] },
          ],
        },
      ],
    });
  });

  it('reads lists as Triton documents them', () => {
    const text =
      'input [ { name: "a" dims: [ 16, -1 ] }, { name: "b" } ]\nversion_policy: { latest: { num_versions: 2 }}';
    expect(plain(parseProtobufText(text))).toEqual({
      input: [{ name: ['a'], dims: ['16', '-1'] }, { name: ['b'] }],
      version_policy: [{ latest: [{ num_versions: ['2'] }] }],
    });
  });

  it.each([
    ['config {\n name: "a"', /line 2: "}" is missing/],
    ['name: "a\n"', /line 1: a string does not end/],
    ['name: }', /line 1: a value is expected, got }/],
    ['name:', /a value is expected, got the end/],
    ['\n\n: 3', /line 3: a field's name is expected, got :/],
    ['a {'.repeat(10_000), /deeper in each other than 32/],
    ['a: [1, 2', /a value is expected, got the end/],
  ])('refuses %s', (text, words) => expect(() => parseProtobufText(text)).toThrow(words));
});
