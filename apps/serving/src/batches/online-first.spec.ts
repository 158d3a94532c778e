import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OnlineFirst } from './online-first.ts';

const goesOn = new AbortController().signal;

describe('OnlineFirst', () => {
  it('lets a batch go on while the server is quiet, and again once it is', async () => {
    const online = new OnlineFirst(Infinity);
    await online.turn(goesOn);
    online.busy = true;
    let turned = false;
    const turn = online.turn(goesOn).then(() => (turned = true));
    await sleep(20);
    expect(turned).toBe(false);
    online.busy = false;
    await turn;
  });

  it('gives a batch a turn in the end though the server stays busy', async () => {
    const online = new OnlineFirst(1);
    online.busy = true;
    await online.turn(goesOn);
  });

  it('waits no longer than the attempt has its job', async () => {
    const online = new OnlineFirst(Infinity);
    online.busy = true;
    const ended = new AbortController();
    const turn = online.turn(ended.signal);
    ended.abort(new Error('the lease is lost'));
    await expect(turn).rejects.toThrow('the lease is lost');
    await expect(online.turn(ended.signal)).rejects.toThrow('the lease is lost');
  });
});
