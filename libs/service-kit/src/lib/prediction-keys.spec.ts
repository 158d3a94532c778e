import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { newPredictionKey, PredictionKeys, TokenRefused } from './prediction-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'prediction-keys-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const [one, two] = ['ab'.repeat(32), 'cd'.repeat(32)];
const keys = PredictionKeys.from({ PREDICTION_KEYS: one });
const prediction = { predictionId: 'p "1" ☃', model: 'ads' };
const endMs = Date.UTC(2030, 0, 1);
const token = keys.sign(prediction, endMs);
const parts = token.split('.') as [string, string, string];
const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function faultOf(text: string, nowMs = endMs - 1, by = keys): string {
  try {
    by.verify(text, nowMs);
  } catch (error) {
    expect(error).toBeInstanceOf(TokenRefused);
    expect((error as TokenRefused).message).not.toContain(text.slice(0, 40) || 'nothing');
    return (error as TokenRefused).fault;
  }
  return 'none';
}

describe('a prediction token', () => {
  it('is a JWT whose signature another implementation of HMAC accepts', async () => {
    expect(decoded(parts[0])).toEqual({ alg: 'HS256', kid: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(decoded(parts[1])).toEqual({ sub: prediction.predictionId, model: 'ads', exp: endMs / 1000 });
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', Buffer.from(one, 'hex'), hmac, false, ['verify']);
    const signature = Buffer.from(parts[2], 'base64url');
    expect(await crypto.subtle.verify('HMAC', key, signature, Buffer.from(`${parts[0]}.${parts[1]}`))).toBe(true);
  });

  it('says which prediction it is, until its end', () => {
    expect(keys.verify(token, endMs - 1)).toEqual(prediction);
    expect(faultOf(token, endMs)).toBe('expired');
    // Never shorter than it was meant: whole seconds, rounded up.
    expect(keys.verify(keys.sign(prediction, 1001), 1999)).toEqual(prediction);
  });

  it.each([
    ['another prediction', [parts[0], encoded({ sub: 'q', model: 'ads', exp: 2e9 }), parts[2]], 'signature'],
    ['another end', [parts[0], encoded({ ...prediction, exp: 2e10 }), parts[2]], 'signature'],
    ['no algorithm', [encoded({ alg: 'none' }), parts[1], ''], 'malformed'],
    ['no algorithm, and a signature', [encoded({ alg: 'none' }), parts[1], parts[2]], 'unknown_key'],
    ['a key that is another', PredictionKeys.from({ PREDICTION_KEYS: two }).sign(prediction, endMs), 'unknown_key'],
    ['a cut signature', [parts[0], parts[1], parts[2].slice(0, -1)], 'signature'],
    ['padding', [parts[0], parts[1], `${parts[2]}=`], 'signature'],
    ['a part more', [...parts, parts[2]], 'malformed'],
    ['no parts', 'p1', 'malformed'],
    ['nothing', '', 'malformed'],
    ['four million characters', '.'.repeat(4_000_000), 'malformed'],
  ])('is refused with %s', (_what, text, fault) => {
    expect(faultOf(typeof text === 'string' ? text : text.join('.'))).toBe(fault);
  });

  it('is refused with any letter of it changed, also one that decodes alike', () => {
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(faultOf(`${token.slice(0, at)}${other}${token.slice(at + 1)}`), `letter ${at}`).not.toBe('none');
    }
    // 43 letters hold two bits more than 32 bytes: those of the last are none of the digest's.
    const alike = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter(
      (letter) =>
        Buffer.from(parts[2].slice(0, -1) + letter, 'base64url').equals(Buffer.from(parts[2], 'base64url')) &&
        letter !== parts[2].at(-1),
    );
    expect(alike).toHaveLength(3);
    for (const letter of alike) expect(faultOf(token.slice(0, -1) + letter)).toBe('signature');
  });

  it('holds the longest names that there are', () => {
    const long = { predictionId: '"'.repeat(256), model: '\\'.repeat(256) };
    expect(keys.verify(keys.sign(long, endMs), 0)).toEqual(long);
  });
});

describe('prediction keys', () => {
  it('sign with the first, and accept all', () => {
    const file = join(folder, 'keys');
    writeFileSync(file, `# since spring\n${two}\n${one}\n`, { mode: 0o600 });
    const both = PredictionKeys.from({ PREDICTION_KEYS_FILE: file });
    expect(both.verify(token, 0)).toEqual(prediction);
    expect(faultOf(both.sign(prediction, endMs))).toBe('unknown_key');
    chmodSync(file, 0o640);
    expect(() => PredictionKeys.from({ PREDICTION_KEYS_FILE: file })).toThrow(
      `the file ${file} is open to other accounts (640): chmod 600 it`,
    );
  });

  it('may be none: then nothing is signed or accepted', () => {
    const none = PredictionKeys.from({});
    expect([none.any, keys.any]).toEqual([false, true]);
    expect(() => none.sign(prediction, endMs)).toThrow(RangeError);
    expect(faultOf(token, 0, none)).toBe('unknown_key');
  });

  it('are another’s than those of personal columns, new each time', () => {
    expect(() => PredictionKeys.from({ PREDICTION_KEYS: `${one} hunter2` })).toThrow(/^PREDICTION_KEYS: key 2 must be/);
    expect(newPredictionKey()).not.toBe(newPredictionKey());
  });
});
