import { describe, expect, it } from 'vitest';
import { chosenVersions, folderVersion, type VersionPolicy } from './version-policy.ts';

describe('chosenVersions', () => {
  it.each<{ present: number[]; policy: VersionPolicy; labels?: Record<string, number>; chosen: number[] }>([
    { present: [], policy: { kind: 'latest', count: 1 }, chosen: [] },
    { present: [9, 10, 2], policy: { kind: 'latest', count: 1 }, chosen: [10] },
    { present: [9, 10, 2], policy: { kind: 'latest', count: 2 }, chosen: [9, 10] },
    { present: [9, 10, 2], policy: { kind: 'latest', count: 7 }, chosen: [2, 9, 10] },
    { present: [3, 1], policy: { kind: 'all' }, chosen: [1, 3] },
    { present: [3, 1], policy: { kind: 'specific', versions: [1, 5] }, chosen: [1] },
    { present: [3, 1], policy: { kind: 'specific', versions: [] }, chosen: [] },
    { present: [3, 2, 1], policy: { kind: 'latest', count: 1 }, labels: { stable: 1, gone: 8 }, chosen: [1, 3] },
  ])('of $present with $policy.kind is $chosen', ({ present, policy, labels, chosen }) => {
    expect(chosenVersions(present, policy, labels)).toEqual(chosen);
  });
});

describe('folderVersion', () => {
  it.each([
    ['1', 1],
    ['0', 0],
    ['00000123', 123],
    ['1700000000', 1_700_000_000],
    ['9007199254740991', 2 ** 53 - 1],
    ['9007199254740993', undefined],
    ['123456789012345678901234567890', undefined],
    ['3.txt', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    [' 1', undefined],
    ['١', undefined],
    ['', undefined],
    ['latest', undefined],
  ])('of "%s" is %s', (name, version) => expect(folderVersion(name)).toBe(version));
});
