import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Http2Listener } from './http2-listener.ts';

let listener: Http2Listener | undefined;
let client: Socket | undefined;
afterEach(async () => {
  client?.destroy();
  await listener?.close();
});

/**
 * What the kernel waits for on the server's side of each connection to a port, by proc_pid_net_tcp(5): local address, remote address, state,
 * queues, then the timer's kind (2: keep-alive) and the hundredths of a second until it goes off.
 */
function timersOf(port: number): readonly { readonly kind: number; readonly leftMs: number }[] {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const established = '01';
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address, , state]) => address === local && state === established)
    .map(([, , , , , timer = '']) => {
      const [kind = '', left = ''] = timer.split(':');
      return { kind: parseInt(kind, 16), leftMs: parseInt(left, 16) * 10 };
    });
}

describe.runIf(process.platform === 'linux')('Http2Listener', () => {
  it('has the kernel ask whether a client that is silent is still there', async () => {
    listener = new Http2Listener(undefined, () => undefined);
    const port = await listener.open('127.0.0.1', 0);
    client = connect(port, '127.0.0.1');
    // Its settings, which this client takes and never answers: the connection is accepted.
    await once(client, 'data');
    const [timer] = await vi.waitUntil(() => {
      const timers = timersOf(port);
      // Others are for what is on its way still.
      return timers.every(({ kind }) => kind === 0 || kind === 2) && timers;
    });
    expect(timer?.kind).toBe(2);
    expect(timer?.leftMs).toBeGreaterThan(50_000);
    expect(timer?.leftMs).toBeLessThanOrEqual(60_000);
  });
});
