import { describe, expect, it } from 'vitest';
import { rolloutPolicyOf } from './rollout-policy-of.ts';

describe('rolloutPolicyOf', () => {
  it('turns durations into milliseconds and shares into 1/10000', () => {
    expect(rolloutPolicyOf({ shadow: '1.5h', canary: ['1%', '10%', '12.5%'], step: '10m' })).toEqual({
      shadowMs: 5_400_000,
      canaryBasisPoints: [100, 1_000, 1_250],
      stepMs: 600_000,
    });
  });

  it('takes no shadow at all', () => {
    expect(rolloutPolicyOf({ shadow: '0s', canary: [], step: '500ms' })).toEqual({
      shadowMs: 0,
      canaryBasisPoints: [],
      stepMs: 500,
    });
  });
});
