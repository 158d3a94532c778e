import type { LoadConnection } from './load-connection.ts';

/** What requests at a steady rate came to. */
export interface OpenLoadResult {
  readonly asked: number;
  /** Answered in time. */
  readonly good: number;
  /** Answered, but later than that. */
  readonly late: number;
  /** Refused, or answered wrongly. */
  readonly refused: number;
  readonly wallS: number;
  /** Of the answered ones, from when each was due. NaN for none. */
  readonly p99Ms: number;
}

export interface OpenLoad {
  readonly perS: number;
  /** An answer that comes later than this after its request was due is late. Default: none is. */
  readonly withinMs?: number;
  /** Whether an answer's message is as it should be. Default: every one is. */
  readonly isRight?: (message: Uint8Array) => boolean;
}

/**
 * Sends requests at their times, whether those before are answered or not, over the connections by turns, the bodies by turns, until
 * `during` resolves. A latency counts from the time that a request was due: a sender that is held up hides nothing.
 */
export async function openLoop(
  connections: readonly LoadConnection[],
  bodies: readonly Uint8Array[],
  { perS, withinMs = Infinity, isRight = () => true }: OpenLoad,
  during: Promise<unknown>,
): Promise<OpenLoadResult> {
  const times: number[] = [];
  let [sent, late, refused, ended] = [0, 0, 0, false];
  const begunMs = performance.now();
  const elapsedMs = (): number => performance.now() - begunMs;
  await new Promise<void>((resolve, reject) => {
    const send = (dueMs: number): void => {
      const connection = connections[sent % connections.length] as LoadConnection;
      connection.send(bodies[sent % bodies.length] as Uint8Array, ({ ok, message }) => {
        const ms = elapsedMs() - dueMs;
        if (!ok || !isRight(message)) refused += 1;
        else times.push(ms);
        if (ok && ms > withinMs) late += 1;
        if (ended && times.length + refused === sent) resolve();
      });
      sent += 1;
    };
    const timer = setInterval(() => {
      // The first one is due at once.
      const due = 1 + Math.floor((elapsedMs() * perS) / 1000);
      while (sent < due) send((sent * 1000) / perS);
    }, 1);
    during.then(() => {
      clearInterval(timer);
      ended = true;
      if (times.length + refused === sent) resolve();
    }, reject);
  });
  const wallS = elapsedMs() / 1000;
  times.sort((a, b) => a - b);
  const p99Ms = times[Math.floor(times.length * 0.99)] ?? NaN;
  return { asked: sent, good: times.length - late, late, refused, wallS, p99Ms };
}
