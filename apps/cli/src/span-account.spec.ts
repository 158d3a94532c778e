import { describe, expect, it } from 'vitest';
import { accountOf } from './span-account.ts';

const span = {
  trainRows: 700,
  validationRows: 100,
  testRows: 197,
  rejectedRows: 3,
  rejectedImages: 0,
  images: 0,
  setAside: [
    { reason: 'too few fields: 1, the header has 3', rows: 2 },
    { reason: 'the label is missing', rows: 1 },
  ],
};
const guesses = [
  { what: 'unit', value: 'none', key: 'unit' },
  { what: 'delimiter', value: 'semicolon', key: 'data.delimiter' },
];

describe('accountOf', () => {
  it('says what was loaded, set aside and why, and guessed, with the keys that change it', () => {
    expect(accountOf(span, guesses)).toBe(
      'loaded 997 of 1,000 rows; set aside 3 rows (2 × too few fields: 1, the header has 3; 1 × the label is missing); ' +
        'guessed unit none [unit], delimiter semicolon [data.delimiter] — in brackets the key of task.yaml that changes it',
    );
  });

  it('takes the first word on a key', () => {
    const told = [
      { what: 'id', value: 'impression', key: 'id' },
      { what: 'unit', value: 'person', key: 'unit' },
    ];
    expect(accountOf({ ...span, rejectedImages: 2, images: 40 }, [...told, ...guesses])).toContain(
      'guessed id impression [id], unit person [unit], delimiter semicolon [data.delimiter]',
    );
  });

  it('says that nothing was set aside or guessed', () => {
    expect(accountOf({ ...span, rejectedRows: 0, setAside: [] }, [])).toBe(
      'loaded 997 of 997 rows; set nothing aside; guessed nothing',
    );
  });
});
