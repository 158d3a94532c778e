import { describe, expect, it } from 'vitest';
import { assertKept } from './forget.ts';

describe('assertKept', () => {
  it('takes a column that data has, and any where there is no data yet', () => {
    expect(() => assertKept('user', ['site', 'user'])).not.toThrow();
    expect(() => assertKept('user', [])).not.toThrow();
  });

  it('refuses one that no data has, and names those that there are', () => {
    expect(() => assertKept('User', ['site', 'user'])).toThrow(
      'no data here has a column "User"; did you mean "user"?: nobody can be found by it. Columns: site, user.',
    );
    expect(() => assertKept('person', ['site'])).toThrow(
      /^no data here has a column "person": .*One that personal drops/,
    );
  });
});
