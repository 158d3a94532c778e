import { describe, expect, it } from 'vitest';
import { changesOf } from './follow.ts';

describe('changesOf', () => {
  it('says what became of a version, and nothing of what stays or passes by', () => {
    const one = { version: 1, spans: [1], reasons: [] };
    const two = { version: 2, spans: [1, 2], reasons: [] };
    const before = [{ ...one, state: 'deployed' as const }];
    const judged = [...before, { ...two, state: 'evaluating' as const }];
    const refused = [...before, { ...two, state: 'not_blessed' as const, reasons: ['AUC 0.4 is below 0.5'] }];
    const shadow = [...before, { ...two, state: 'shadow' as const }];
    const over = [
      { ...one, state: 'superseded' as const },
      { ...two, state: 'deployed' as const },
    ];
    expect(changesOf(before, before)).toEqual([]);
    expect(changesOf(before, judged)).toEqual([
      'version 2, trained on spans 1, 2, is compared with the one in service',
    ]);
    expect(changesOf(judged, refused)).toEqual(['version 2 is not blessed: AUC 0.4 is below 0.5']);
    expect(changesOf(judged, shadow)).toEqual([]);
    expect(changesOf(shadow, over)).toEqual(['version 2 serves everyone']);
  });
});
