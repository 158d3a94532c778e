import { createHmac } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PersonalKey } from './personal-key.ts';
import { newPersonalKey, PersonalKeys } from './personal-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'personal-keys-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const [one, two] = ['ab'.repeat(32), 'cd'.repeat(32)];

describe('a personal key', () => {
  it.each(['', 'abc', 'Zoë', '\u{1f600}', 'x'.repeat(5000), 'y'.repeat(960), 'z'])(
    'gives the beginning of the HMAC-SHA-256 of %j',
    (value) => {
      const key = new PersonalKey(Buffer.from(one, 'hex'));
      // Node's own.
      const digits = createHmac('sha256', Buffer.from(one, 'hex')).update(value).digest('hex').slice(0, 16);
      expect([key.pseudonym(value), key.pseudonym('w'), key.pseudonym(value)]).toEqual([
        `${key.id}-${digits}`,
        key.pseudonym('w'),
        `${key.id}-${digits}`,
      ]);
    },
  );

  it('is told from another by its id', () => {
    const ids = [one, two].map((hex) => new PersonalKey(Buffer.from(hex, 'hex')).id);
    expect(new Set(ids).size).toBe(2);
    expect(ids.join()).toMatch(/^[0-9a-f]{8},[0-9a-f]{8}$/);
  });
});

describe('personal keys', () => {
  it('come from a variable or from a file of one account, the current one first', () => {
    const file = join(folder, 'keys');
    writeFileSync(file, `# since spring\n${two} # new\n\n${one}\n`, { mode: 0o600 });
    const [of, read] = [PersonalKeys.from({ PERSONAL_KEYS: `${two}, ${one}` }), PersonalKeys.read(file)];
    expect(read.all).toEqual(of.all);
    expect(read.current).toBe(read.all[0]);
    expect(read.find(read.all[1]?.id ?? '')?.secret).toEqual(Buffer.from(one, 'hex'));
    expect(PersonalKeys.from({}).current).toBeUndefined();
    expect(String(PersonalKeys.from({}))).toBe('none');
    chmodSync(file, 0o640);
    expect(() => PersonalKeys.from({ PERSONAL_KEYS_FILE: file })).toThrow(
      `the file ${file} is open to other accounts (640): chmod 600 it`,
    );
  });

  it('are refused without being shown', () => {
    expect(() => PersonalKeys.parse(`${one} hunter2`, 'PERSONAL_KEYS')).toThrow(/^PERSONAL_KEYS: key 2 must be 64 hex/);
    expect(() => PersonalKeys.parse(`${one} hunter2`, 'PERSONAL_KEYS')).not.toThrow(/hunter2/);
    expect(() => PersonalKeys.parse('# none', 'the file')).toThrow('the file holds no key');
  });

  it('are new each time', () => {
    expect(newPersonalKey()).not.toBe(newPersonalKey());
    expect(PersonalKeys.parse(newPersonalKey(), 'a new one').all).toHaveLength(1);
  });
});
