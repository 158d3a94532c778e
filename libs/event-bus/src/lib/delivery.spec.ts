import { describe, expect, it } from 'vitest';
import { EventRefused } from './cloud-event.ts';
import { cutLetter, deadLetterOf } from './dead-letter.ts';
import { deliver, type DeliveryOptions, type RawEvent } from './delivery.ts';
import type { DeliveryNotice } from './delivery-notice.ts';
import { PermanentFailure, type Topic, TransientFailure } from './event-bus.ts';

const numbers: Topic<number> = {
  name: 'numbers',
  message: 'spec.Number',
  encode: (value) => Uint8Array.of(value),
  decode: ([value = 0]) => {
    if (value > 200) throw new RangeError('too large');
    return value;
  },
};

const raw = (value: number): RawEvent => ({
  id: `id-${value}`,
  key: 'k',
  topic: 'numbers',
  partition: 3,
  position: String(value),
  appendedMs: 0,
  headers: {},
  data: Uint8Array.of(value),
});

/** Delivers the numbers to a handler that answers each batch with the next of `answers`, then with success. */
async function run(
  values: readonly number[],
  answers: readonly (Error | undefined)[],
  options: Partial<DeliveryOptions> = {},
): Promise<{
  readonly batches: readonly string[];
  readonly letters: readonly string[];
  readonly notices: readonly string[];
}> {
  const [batches, letters, notices]: [string[], string[], string[]] = [[], [], []];
  const left = [...answers];
  const tell = (notice: DeliveryNotice): void => {
    notices.push(notice.kind);
  };
  const handler = (batch: readonly { readonly event: number }[]): Promise<void> => {
    batches.push(batch.map(({ event }) => event).join(','));
    const answer = left.shift();
    return answer === undefined ? Promise.resolve() : Promise.reject(answer);
  };
  await deliver(numbers, values.map(raw), handler, {
    group: 'g',
    maxAttempts: 3,
    firstPauseMs: 1,
    maxPauseMs: 2,
    signal: new AbortController().signal,
    onDelivery: tell,
    deadLetter: (topic, { id, headers }) => {
      letters.push(`${topic} ${id} ${headers['dead_letter_attempts']} ${headers['dead_letter_reason']}`);
      return Promise.resolve();
    },
    ...options,
  });
  return { batches, letters, notices };
}

const odd = new Error('odd');
const away = new TransientFailure('away');

describe('deliver', () => {
  it('hands a batch over once where all goes well', async () => {
    expect(await run([1, 2, 3], [])).toEqual({ batches: ['1,2,3'], letters: [], notices: [] });
  });

  it('hands the events of a batch that fails over alone, and puts aside the one that goes on failing', async () => {
    const never = [odd, undefined, odd, odd, odd, undefined];
    expect(await run([1, 2, 3], never)).toEqual({
      batches: ['1,2,3', '1', '2', '2', '2', '3'],
      letters: ['numbers.dead-letter g/id-2 3 Error: odd'],
      notices: ['dead-lettered'],
    });
  });

  it('waits for as long as a transient failure lasts, said once, and counts none of it', async () => {
    expect(await run([1, 2], [away, away, away, away, away])).toEqual({
      batches: Array.from({ length: 6 }, () => '1,2'),
      letters: [],
      notices: ['paused', 'resumed'],
    });
  });

  it('puts aside at once what fails for good and what does not decode', async () => {
    expect(await run([1, 255], [new PermanentFailure('never')])).toEqual({
      batches: ['1'],
      letters: [
        'numbers.dead-letter g/id-255 1 not a spec.Number: RangeError: too large',
        'numbers.dead-letter g/id-1 1 PermanentFailure: never',
      ],
      notices: ['dead-lettered', 'dead-lettered'],
    });
  });

  it.each([
    { dependency: 'answers', answer: () => Promise.resolve(true), letters: 1 },
    { dependency: 'does not answer', answer: () => Promise.resolve(false), letters: 0 },
    { dependency: 'fails to answer', answer: () => Promise.reject(new Error('no')), letters: 0 },
  ])('judges an unknown failure by whether what it depends on $dependency', async ({ answer, letters }) => {
    const seen = await run([1], [odd, odd, odd, odd], { dependenciesAnswer: answer });
    expect(seen.letters.length).toBe(letters);
  });

  it('pauses where a dead letter cannot be put aside', async () => {
    let tries = 0;
    const letters: string[] = [];
    const { notices } = await run([1], [new PermanentFailure('never')], {
      deadLetter: (_, { id }) => {
        tries += 1;
        if (tries < 4) return Promise.reject(new Error('the bus is away'));
        letters.push(id);
        return Promise.resolve();
      },
    });
    expect({ letters, notices }).toEqual({ letters: ['g/id-1'], notices: ['paused', 'resumed', 'dead-lettered'] });
  });

  it.each([
    { taken: 'without its bytes', refusals: 1, letters: ['g/id-1 0 bytes of 1'], letter: 'cut' },
    { taken: 'not at all', refusals: 2, letters: [], letter: 'refused' },
  ])('goes on where the bus never takes a dead letter: it is taken $taken', async ({ refusals, letters, letter }) => {
    const [seen, told]: [string[], DeliveryNotice[]] = [[], []];
    let left = refusals;
    const { batches } = await run([1, 2], [odd, new PermanentFailure('never')], {
      deadLetter: (_, { id, data, headers }) => {
        left -= 1;
        if (left >= 0) return Promise.reject(new EventRefused(0, 'too large'));
        seen.push(`${id} ${data.length} bytes of ${headers['dead_letter_truncated']}`);
        return Promise.resolve();
      },
      onDelivery: (notice) => told.push(notice),
    });
    expect({ batches, seen }).toEqual({ batches: ['1,2', '1', '2'], seen: letters });
    expect(told).toEqual([
      {
        kind: 'dead-lettered',
        topic: 'numbers',
        group: 'g',
        partition: 3,
        position: '1',
        id: 'id-1',
        reason: 'PermanentFailure: never',
        attempts: 1,
        letter,
      },
    ]);
  });

  it('keeps what a letter says of itself where its headers are cut', () => {
    const [key, text] = ['k'.repeat(5000), 'x'.repeat(100_000)];
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`a${index}`, text]));
    const letter = deadLetterOf({ ...raw(1), key, headers: many }, { group: 'g', reason: text, attempts: 2 });
    const cut = cutLetter(letter);
    expect(cut.headers).toMatchObject({
      dead_letter_id: 'id-1',
      dead_letter_topic: 'numbers',
      dead_letter_attempts: '2',
    });
    const bytes = Object.entries(cut.headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    // 40 headers, of names up to 256 and values up to 1000 characters, and what was cut.
    expect(cut.key.length + bytes).toBeLessThan(256 + 41 * 1256);
  });

  it('ends its pauses when aborted, and puts nothing aside', async () => {
    const stop = new AbortController();
    const reason = new Error('closing');
    const notices: string[] = [];
    const pausing = run(
      [1],
      Array.from({ length: 9 }, () => away),
      {
        signal: stop.signal,
        maxPauseMs: 3_600_000,
        firstPauseMs: 3_600_000,
        onDelivery: ({ kind }) => {
          notices.push(kind);
          stop.abort(reason);
        },
      },
    );
    await expect(pausing).rejects.toBe(reason);
    expect(notices).toEqual(['paused']);
  });
});
