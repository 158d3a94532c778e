import { describe, expect, it } from 'vitest';
import { inOrder } from './in-order.ts';

/** Answers when they are let. */
class Asked {
  readonly items: number[] = [];
  readonly ended: number[] = [];
  readonly #waiting = new Map<number, PromiseWithResolvers<string>>();

  readonly ask = (item: number, signal: AbortSignal): Promise<string> => {
    this.items.push(item);
    signal.addEventListener('abort', () => this.ended.push(item));
    const answer = Promise.withResolvers<string>();
    this.#waiting.set(item, answer);
    return answer.promise;
  };

  let(item: number, answer: string | Error): void {
    if (answer instanceof Error) this.#waiting.get(item)?.reject(answer);
    else this.#waiting.get(item)?.resolve(answer);
  }
}

/** Lets everything that is ready happen. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('inOrder', () => {
  it('gives answers in the order of items, however they come', async () => {
    const asked = new Asked();
    const answers = Array.fromAsync(inOrder([1, 2, 3], 3, asked.ask));
    await settled();
    for (const item of [3, 1, 2]) asked.let(item, `answer ${item}`);
    expect(await answers).toEqual(['answer 1', 'answer 2', 'answer 3']);
  });

  it('gives an answer while the next item is still awaited', async () => {
    const later = Promise.withResolvers<number>();
    async function* slowly(): AsyncGenerator<number> {
      yield 1;
      yield await later.promise;
    }
    const asked = new Asked();
    const answers = inOrder(slowly(), 16, asked.ask);
    const first = answers.next();
    await settled();
    asked.let(1, 'at once');
    expect(await first).toEqual({ done: false, value: 'at once' });
    later.resolve(2);
    const second = answers.next();
    await settled();
    asked.let(2, 'later');
    expect(await second).toEqual({ done: false, value: 'later' });
    expect(await answers.next()).toEqual({ done: true, value: undefined });
  });

  it('takes no more items than may be asked for at once', async () => {
    let taken = 0;
    function* endless(): Generator<number> {
      for (;;) yield (taken += 1);
    }
    const asked = new Asked();
    const answers = inOrder(endless(), 4, asked.ask);
    const first = answers.next();
    await settled();
    expect([asked.items, taken]).toEqual([[1, 2, 3, 4], 4]);
    asked.let(1, 'one');
    await first;
    await answers.return(undefined);
    expect([asked.ended, taken]).toEqual([[1, 2, 3, 4], 4]);
  });

  it('throws what an item fails with, in its turn, and ends the others', async () => {
    const asked = new Asked();
    const answers = inOrder([1, 2, 3], 3, asked.ask);
    const first = answers.next();
    await settled();
    asked.let(2, new Error('broken'));
    await settled();
    asked.let(1, 'one');
    expect((await first).value).toBe('one');
    await expect(answers.next()).rejects.toThrow('broken');
    expect(asked.ended).toEqual([1, 2, 3]);
    expect(await answers.next()).toEqual({ done: true, value: undefined });
  });

  it('refuses to ask for none', async () => {
    await expect(inOrder([1], 0, new Asked().ask).next()).rejects.toThrow(RangeError);
  });
});
