import { describe, expect, it } from 'vitest';
import { type EncodedEvent, EventRefused } from './cloud-event.ts';
import { TransientFailure } from './event-bus.ts';
import { SendQueue } from './send-queue.ts';

const events = (...ids: readonly string[]): readonly EncodedEvent[] =>
  ids.map((id) => ({ id, key: 'k', headers: {}, data: new Uint8Array(10) }));
const bounds = { maxEvents: 4, maxBytes: 1_000_000 };
const hour = 3_600_000;

describe('a queue of sends', () => {
  it('has one write in flight, which callers of the meantime share with their order kept', async () => {
    const writes: string[] = [];
    const gates: PromiseWithResolvers<void>[] = [];
    const queue = new SendQueue({
      write: async (topic, sent) => {
        writes.push(`${topic} ${sent.map(({ id }) => id).join('')}`);
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        await gate.promise;
      },
      ...bounds,
    });
    const first = queue.send('t', events('a'), hour);
    await expect.poll(() => writes).toEqual(['t a']);
    const rest = [
      queue.send('t', events('b', 'c'), hour),
      queue.send('t', events('d', 'e', 'f', 'g', 'h'), hour),
      queue.send('u', events('i'), hour),
    ];
    for (let write = 0; write < 5; write += 1) {
      await expect.poll(() => gates.length).toBe(write + 1);
      gates[write]?.resolve();
    }
    await Promise.all([first, ...rest]);
    // Five of one caller are more than a write takes: defg, then h.
    expect(writes).toEqual(['t a', 't bc', 't defg', 't h', 'u i']);
  });

  it('gives up after the timeout, tells the write once nobody waits for it, and drops what was not begun', async () => {
    const writes: string[] = [];
    const queue = new SendQueue({
      write: (_, sent, signal) => {
        writes.push(sent.map(({ id }) => id).join(''));
        if (sent[0]?.id === 'c') return Promise.resolve();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('given up'));
          });
        });
      },
      ...bounds,
    });
    const given = [queue.send('t', events('a'), 20), queue.send('u', events('b'), 10)];
    await Promise.all(given.map((one) => expect(one).rejects.toThrow(TransientFailure)));
    await queue.send('t', events('c'), hour);
    expect(writes).toEqual(['a', 'c']);
  });

  it('fails only the caller whose event is refused, and says which of his it is', async () => {
    const written: string[] = [];
    const queue = new SendQueue({
      write: (_, sent) => {
        const bad = sent.findIndex(({ id }) => id === 'bad');
        if (bad >= 0) return Promise.reject(new EventRefused(bad, 'no'));
        written.push(...sent.map(({ id }) => id));
        return Promise.resolve();
      },
      ...bounds,
    });
    const [left, refused, right] = [
      queue.send('t', events('a'), hour),
      queue.send('t', events('b', 'bad'), hour).catch((error: unknown) => error),
      queue.send('t', events('c'), hour),
    ];
    await Promise.all([left, right]);
    expect(await refused).toMatchObject({ name: 'EventRefused', index: 1 });
    expect(written).toEqual(['a', 'c']);
  });

  it('closes in bounded time and gives up what is left', async () => {
    const queue = new SendQueue({ write: () => new Promise(() => undefined), ...bounds });
    const left = [queue.send('t', events('a'), hour), queue.send('u', events('b'), hour)].map((one) =>
      expect(one).rejects.toThrow(TransientFailure),
    );
    await queue.close(20);
    await Promise.all(left);
  });
});
