import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PersonalKeys } from '@adstocrat/service-kit';
import { checkPersonalKey, MissingPersonalKey, withoutPersonal } from './personal-columns.ts';

const [old, current] = ['01'.repeat(32), '02'.repeat(32)];
const keys = PersonalKeys.parse(`${current} ${old}`, 'a test');
const [, oldKey] = keys.all;
const digits = (text: string): string => createHmac('sha256', Buffer.from(old, 'hex')).update(text).digest('hex');

describe('withoutPersonal', () => {
  it('replaces the values of the personal columns that were sent, with the key that the model was trained with', () => {
    const { columns } = withoutPersonal(
      {
        rows: 2,
        columns: new Map([
          ['user', { type: 'string', values: ['abc', null] }],
          ['age', { type: 'float', values: Float64Array.of(37, NaN) }],
          ['site', { type: 'string', values: ['abc', 'd'] }],
        ]),
      },
      { key: oldKey?.id ?? '', columns: { user: 'hash', mail: 'hash', age: { bucket: 10 } } },
      keys,
    );
    expect([...columns.keys()]).toEqual(['user', 'age', 'site']);
    expect(columns.get('user')?.values).toEqual([`${oldKey?.id}-${digits('abc').slice(0, 16)}`, null]);
    expect(columns.get('age')?.values).toEqual(Float64Array.of(30, NaN));
    expect(columns.get('site')?.values).toEqual(['abc', 'd']);
  });

  it('says which key is missing', () => {
    const personal = { key: 'aaaaaaaa', columns: { user: 'hash' } } as const;
    expect(() => checkPersonalKey(personal, keys)).toThrow(
      new MissingPersonalKey(
        `the model knows user by pseudonyms of the personal key aaaaaaaa, and this server has ${keys.all.map(({ id }) => id).join(', ')}: add the key to PERSONAL_KEYS_FILE or PERSONAL_KEYS and start again`,
      ),
    );
    expect(() => checkPersonalKey({ columns: { age: { bucket: 5 } } }, new PersonalKeys())).not.toThrow();
    expect(() => checkPersonalKey({ key: oldKey?.id ?? '', columns: { user: 'hash' } }, keys)).not.toThrow();
  });
});
