import { describe, expect, it } from 'vitest';
import { PersonalKeys } from './personal-keys.ts';
import { Person } from './person.ts';

const keys = PersonalKeys.parse(`${'ab'.repeat(32)} ${'cd'.repeat(32)}`, 'a test');
/** A whole number without its `.0`. */
const oneText = (text: string): string => text.replace(/\.0+$/, '');
const person = Person.of('user', 'ada@example.org', keys, oneText);

describe('a person', () => {
  it('is known by the pseudonym of every key and by the value itself', () => {
    for (const { id } of keys.all) expect([...person.forms].some((form) => form.startsWith(`${id}-`))).toBe(true);
    for (const form of person.forms) expect(person.has({ user: { text: form } })).toBe(true);
    expect(person.forms.size).toBe(3);
  });

  it('is looked for in one column only, whatever the type of its values', () => {
    const [form = ''] = person.forms;
    expect(person.has({ site: { text: form } })).toBe(false);
    expect(person.has({ user: { text: 'bob' } })).toBe(false);
    expect(person.has({})).toBe(false);
    expect(Person.of('user', '7', keys, oneText).has({ user: { integer: 7 } })).toBe(true);
    expect(Person.of('toString', 'x', keys, oneText).has({})).toBe(false);
  });

  it('is known by each spelling of the value, given or carried', () => {
    for (const given of ['7', '7.0']) {
      const seven = Person.of('user', given, keys, oneText);
      for (const key of keys.all) expect(seven.forms).toContain(key.pseudonym('7'));
      for (const value of [{ integer: 7 }, { number: 7 }, { text: '7' }, { text: '7.0' }])
        expect(seven.has({ user: value })).toBe(true);
      for (const text of [' 7', '07', '7.1']) expect(seven.has({ user: { text } })).toBe(false);
    }
  });

  it('is found in and taken out of texts and bytes, but for what is too short to tell anything', () => {
    const text = [...person.forms].join(' and ');
    expect([person.isIn(text), person.isIn(Buffer.from(`..${text}`)), person.isIn('nobody')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(person.hidden(`seen: ${text}`)).toBe('seen: … and … and …');
    expect(Person.of('user', '7', keys, oneText).isIn('1777')).toBe(false);
  });
});
