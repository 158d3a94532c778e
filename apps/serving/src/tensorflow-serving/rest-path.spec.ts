import { describe, expect, it } from 'vitest';
import { parseRestPath } from './rest-path.ts';

describe('parseRestPath', () => {
  it.each([
    ['POST', '/v1/models/ads:predict', { kind: 'predict', of: { model: 'ads' } }],
    ['POST', '/v1/models/ads/versions/3:classify', { kind: 'classify', of: { model: 'ads', version: 3n } }],
    ['POST', '/v1/models/ads/labels/stable:regress', { kind: 'regress', of: { model: 'ads', label: 'stable' } }],
    ['POST', '/V1/Models/ads:PREDICT', { kind: 'predict', of: { model: 'ads' } }],
    ['POST', '/v1/models/a%20b%C3%A9%zz:predict', { kind: 'predict', of: { model: 'a bé%zz' } }],
    ['POST', '/v1/models/ads/labels/a%2Fb:predict', { kind: 'predict', of: { model: 'ads', label: 'a/b' } }],
    ['GET', '/v1/models/ads', { kind: 'status', of: { model: 'ads' } }],
    ['HEAD', '/v1/models/ads', { kind: 'status', of: { model: 'ads' } }],
    ['GET', '/v1/models/ads/metadata', { kind: 'metadata', of: { model: 'ads' } }],
    ['GET', '/v1/models/ads/VERSIONS/007/Metadata', { kind: 'metadata', of: { model: 'ads', version: 7n } }],
    ['GET', '/v1/models/ads/labels/constructor', { kind: 'status', of: { model: 'ads', label: 'constructor' } }],
    // As the expressions of the original take them: the first name after /models is the model's.
    ['GET', '/v1/models/metadata', { kind: 'status', of: { model: 'metadata' } }],
    [
      'POST',
      '/v1/models/ads/versions/9223372036854775807:predict',
      { kind: 'predict', of: { model: 'ads', version: 9223372036854775807n } },
    ],
  ])('reads %s %s', (method, path, call) => {
    expect(parseRestPath(method, path)).toEqual(call);
  });

  it.each([
    ['POST', '/v1/models/ads:guess'],
    ['POST', '/v1/models/ads'],
    ['POST', '/v1/models/:predict'],
    ['POST', '/v1/models/ads/versions/-1:predict'],
    ['POST', '/v1/models/ads/versions/1/labels/a:predict'],
    ['POST', '/v1/models/ads:predict/'],
    ['GET', '/v1/models/ads:predict'],
    ['GET', '/v1/models/'],
    ['GET', '/v1/model'],
    ['PUT', '/v1/models/ads'],
    ['DELETE', '/v1/models/ads:predict'],
  ])('refuses %s %s as malformed', (method, path) => {
    expect(() => parseRestPath(method, path)).toThrow(`Malformed request: ${method} ${path}`);
  });

  it('asks for the name of a model', () => {
    expect(() => parseRestPath('GET', '/v1/models')).toThrow('Missing model name in request.');
    expect(() => parseRestPath('GET', '/v1/models/versions/3')).toThrow('Missing model name in request.');
  });

  it.each(['9223372036854775808', '9'.repeat(5000)])('refuses a version that is no int64', (version) => {
    expect(() => parseRestPath('GET', `/v1/models/ads/versions/${version}`)).toThrow(
      `Failed to convert version: ${version} to numeric.`,
    );
  });
});
