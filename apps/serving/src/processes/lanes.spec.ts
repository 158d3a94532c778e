import { ResourceExhausted, Unavailable } from '@adstocrat/service-kit';
import { describe, expect, it } from 'vitest';
import { Lanes } from './lanes.ts';

const ever = { withinMs: Infinity };
const load = { ...ever, yields: true };
const unload = { ...ever, overrides: new Error('unloaded meanwhile') };

/** Work that ends when it is told to. */
function held(): { readonly work: () => Promise<void>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

describe('Lanes', () => {
  it('do what is asked of one name in turn, and of another beside it', async () => {
    const lanes = new Lanes();
    const slow = held();
    const order: string[] = [];
    const first = lanes.run('a', ever, async () => {
      await slow.work();
      order.push('a load');
    });
    const second = lanes.run('a', ever, async () => order.push('a unload'));
    await lanes.run('b', ever, async () => order.push('b unload'));
    expect(order).toEqual(['b unload']);
    slow.end();
    await Promise.all([first, second]);
    expect(order).toEqual(['b unload', 'a load', 'a unload']);
  });

  it('go on after one that failed', async () => {
    const lanes = new Lanes();
    const failed = lanes.run('a', ever, () => Promise.reject(new Error('no such file')));
    const next = lanes.run('a', ever, async () => 'done');
    await expect(failed).rejects.toThrow('no such file');
    expect(await next).toBe('done');
  });

  it('do not begin what nobody waits for when its turn comes', async () => {
    const lanes = new Lanes();
    const slow = held();
    const first = lanes.run('a', ever, slow.work);
    let done = false;
    const late = lanes.run('a', { withinMs: 0 }, async () => {
      done = true;
    });
    slow.end();
    await expect(late).rejects.toThrow(Unavailable);
    await first;
    expect(done).toBe(false);
  });

  it('refuse what is late while the one before it is still at work, and keep their order after that', async () => {
    const lanes = new Lanes();
    const slow = held();
    const order: string[] = [];
    const first = lanes.run('a', ever, () => slow.work().then(() => order.push('first')));
    const late = lanes.run('a', { withinMs: 1 }, async () => order.push('late'));
    const last = lanes.run('a', ever, async () => order.push('last'));
    await expect(late).rejects.toThrow(Unavailable);
    expect(order).toEqual([]);
    slow.end();
    await Promise.all([first, last]);
    expect([order, lanes.names]).toEqual([['first', 'last'], 0]);
  });

  it('know no name that nothing is asked of', async () => {
    const lanes = new Lanes();
    const slow = held();
    const asks = Array.from({ length: 200 }, (_, at) => lanes.run(`stranger-${at}`, ever, slow.work));
    expect(lanes.names).toBe(200);
    slow.end();
    await Promise.all(asks);
    await lanes.run('a', ever, () => Promise.reject(new Error('gone'))).catch(() => undefined);
    expect(lanes.names).toBe(0);
  });

  it('refuse more than 8 of one name and 256 in all, and take more when there is room', async () => {
    const lanes = new Lanes();
    const slow = held();
    const asks = Array.from({ length: 8 }, () => lanes.run('a', ever, slow.work));
    await expect(lanes.run('a', ever, slow.work)).rejects.toThrow(
      new ResourceExhausted(
        "8 loads and unloads of 'a' wait for each other already, at most 8 do: ask again when they are answered",
      ),
    );
    for (let at = 0; at < 248; at += 1) asks.push(lanes.run(`b-${at}`, ever, slow.work));
    await expect(lanes.run('c', ever, slow.work)).rejects.toThrow(
      new ResourceExhausted('256 loads and unloads wait already, at most 256 do: ask again when some are answered'),
    );
    slow.end();
    await Promise.all(asks);
    expect(await lanes.run('a', ever, async () => 'done')).toBe('done');
  });

  it('give up what yields, begun or not, for what overrides it, which comes next all the same', async () => {
    const lanes = new Lanes();
    const order: string[] = [];
    let signal: AbortSignal | undefined;
    const begun = lanes.run('a', load, (givenUp) => {
      signal = givenUp;
      return new Promise<never>(() => undefined);
    });
    await Promise.resolve();
    const waits = lanes.run('a', load, async () => order.push('waits'));
    const both = Promise.allSettled([begun, waits]);
    const unloads = [1, 2].map((at) => lanes.run('a', unload, async () => order.push(`unload ${at}`)));
    const after = lanes.run('a', load, async () => order.push('load after'));
    expect(await both).toEqual(Array(2).fill({ status: 'rejected', reason: unload.overrides }));
    await Promise.all([...unloads, after]);
    expect([signal?.aborted, order, lanes.names]).toEqual([true, ['unload 1', 'unload 2', 'load after'], 0]);
  });

  it('have room for what overrides as many as there may be', async () => {
    const lanes = new Lanes();
    const slow = held();
    const loads = Array.from({ length: 8 }, () => lanes.run('a', load, slow.work));
    const others = Array.from({ length: 248 }, (_, at) => lanes.run(`b-${at}`, ever, slow.work));
    const given = Promise.allSettled(loads);
    expect(await lanes.run('a', unload, async () => 'done')).toBe('done');
    expect(new Set((await given).map(({ status }) => status))).toEqual(new Set(['rejected']));
    slow.end();
    await Promise.all(others);
    expect(lanes.names).toBe(0);
  });

  it('give up nothing for what overrides and is refused itself, late or one too many', async () => {
    const lanes = new Lanes();
    const slow = held();
    const order: string[] = [];
    const first = lanes.run('a', unload, slow.work);
    const waits = lanes.run('a', load, async () => order.push('load'));
    await expect(lanes.run('a', { ...unload, withinMs: 1 }, async () => order.push('late'))).rejects.toThrow(
      Unavailable,
    );
    slow.end();
    await Promise.all([first, waits]);
    expect(order).toEqual(['load']);

    const begun = held();
    const under = lanes.run('a', load, begun.work);
    await expect(lanes.run('a', { ...unload, withinMs: 0 }, async () => order.push('late'))).rejects.toThrow(
      Unavailable,
    );
    begun.end();
    await under;

    const again = held();
    const unloads: Promise<unknown>[] = [lanes.run('a', unload, again.work)];
    const between = lanes.run('a', load, async () => order.push('between'));
    const given = expect(between).rejects.toThrow(unload.overrides);
    const short = { withinMs: 20, overrides: new Error('late, and gave up a load') };
    const late = lanes.run('a', short, async () => order.push('late'));
    const lateToo = expect(late).rejects.toThrow(Unavailable);
    for (let at = 2; at < 8; at += 1) unloads.push(lanes.run('a', unload, async () => order.push('unload')));
    await expect(lanes.run('a', short, async () => order.push('ninth'))).rejects.toThrow(ResourceExhausted);
    await lateToo;
    // The load waits on until one begins that it yields to.
    again.end();
    await given;
    await Promise.all(unloads);
    expect([order, lanes.names]).toEqual([['load', ...Array<string>(6).fill('unload')], 0]);
  });

  it('take what overrides where as many as may wait yield to it, and it waits itself', async () => {
    const lanes = new Lanes();
    const slow = held();
    const first = lanes.run('a', unload, slow.work);
    const loads = Promise.allSettled(Array.from({ length: 7 }, () => lanes.run('a', load, slow.work)));
    await expect(lanes.run('a', load, slow.work)).rejects.toThrow(ResourceExhausted);
    const second = lanes.run('a', unload, async () => 'done');
    slow.end();
    expect([await first, await second]).toEqual([undefined, 'done']);
    expect(await loads).toEqual(Array(7).fill({ status: 'rejected', reason: unload.overrides }));
  });
});
