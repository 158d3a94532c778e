import { describe, expect, it } from 'vitest';
import { modelsOfText, policyOfTriton } from './model-config-text.ts';

const configured = (config: string): string => `model_config_list { config { ${config} } }`;

describe('modelsOfText', () => {
  it('reads what a model is called, where it lies, and which versions and labels it has', () => {
    const text = `model_config_list {
      config { name: 'a' base_path: '/models/a' model_platform: 'tensorflow' }
      config {
        name: 'b' base_path: 'gs://bucket/b/'
        model_version_policy { latest { num_versions: 3 } }
        version_labels { key: 'stable' value: 7 } version_labels { key: '__proto__' value: 8 }
      }
      config { name: 'c' base_path: '/c' model_version_policy { specific { versions: [1, 2] } } }
      config { name: 'd' base_path: '/d' model_version_policy { latest { num_versions: 0 } } }
    }`;
    const labels = Object.fromEntries([
      ['stable', 7],
      ['__proto__', 8],
    ]);
    expect(modelsOfText(text)).toEqual([
      { name: 'a', base: 'file:///models/a', policy: { kind: 'latest', count: 1 }, labels: {} },
      { name: 'b', base: 'gs://bucket/b', policy: { kind: 'latest', count: 3 }, labels },
      { name: 'c', base: 'file:///c', policy: { kind: 'specific', versions: [1, 2] }, labels: {} },
      { name: 'd', base: 'file:///d', policy: { kind: 'latest', count: 1 }, labels: {} },
    ]);
  });

  it('is none where the file is empty', () => expect(modelsOfText('')).toEqual([]));

  it.each([
    [configured("name: 'a'"), /model "a" has no base_path/],
    [configured("name: '' base_path: '/a'"), /"" is no name of a model/],
    [configured("name: 'a' base_path: 's3://b/a'"), /in a folder or in gs:\/\/bucket\/prefix, got s3/],
    [configured("name: 'a' base_path: '/a' bas_path: '/b'"), /has a field "bas_path"/],
    [configured("name: 'a' base_path: '/a' model_version_policy { newest {} }"), /has a field "newest"/],
    [configured("name: 'a' base_path: '/a' version_labels { key: 'x' value: 1e3 }"), /must be 0 to 2\^53/],
    [configured("name: 'a' base_path: '/a' model_version_policy: all"), /must be a message/],
    [`${configured("name: 'a' base_path: '/a'")} ${configured("name: 'a' base_path: '/b'")}`, /multiple times/],
    ['model_config_list {', /line 1: "}" is missing/],
  ])('refuses %s', (text, words) => expect(() => modelsOfText(text)).toThrow(words));
});

describe('policyOfTriton', () => {
  it.each([
    ['name: "m" platform: "onnxruntime_onnx" max_batch_size: 8', undefined],
    ['version_policy: { all { }}', { kind: 'all' }],
    ['version_policy: { latest { num_versions: 2}}', { kind: 'latest', count: 2 }],
    ['version_policy: { specific { versions: [1,3]}}', { kind: 'specific', versions: [1, 3] }],
  ])('of %s is %s', (text, policy) => expect(policyOfTriton(text)).toEqual(policy));
});
