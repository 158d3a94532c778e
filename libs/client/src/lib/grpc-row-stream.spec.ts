import { type handleBidiStreamingCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { serving } from '@adstocrat/schemas';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ClickClient } from './click-client.ts';
import { ClientError } from './client-error.ts';
import { overFetch } from './over-fetch.ts';
import { overGrpc } from './over-grpc.ts';
import type { Scored } from './transport.ts';

type Streamed = handleBidiStreamingCall<serving.ScoreStreamRequest, serving.ScoreStreamResponse>;
type Stream = Parameters<Streamed>[0];

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A client of a server that does with its nth stream, from 0, what is said; its other methods are never asked. */
async function clientOf(streamed: (stream: Stream, call: number) => void, attempts = 4): Promise<ClickClient> {
  const server = new Server();
  let calls = 0;
  const never = (): void => undefined;
  server.addService(serving.ClickServiceService, {
    score: never,
    scoreMany: never,
    scoreStream: (stream: Stream) => streamed(stream, calls++),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const client = new ClickClient({
    model: 'ads',
    transport: overGrpc({ addresses: [`127.0.0.1:${port}`] }),
    deadlineMs: 60_000,
    retries: { pauseMs: 1, attempts },
  });
  ends.push(() => {
    client.close();
    server.forceShutdown();
  });
  return client;
}

/** Answers each row with its price as its score, and ends as its caller does. */
function answering(stream: Stream, price: (score: number) => boolean = () => true): void {
  stream.on('data', ({ row }: serving.ScoreStreamRequest) => {
    const score = Number(row?.features.get('price')?.integer);
    if (price(score)) stream.write(serving.ScoreStreamResponse.create({ answer: { version: 1n, score } }));
  });
  stream.on('end', () => stream.end());
}

const rows = (count: number): { features: { price: number } }[] =>
  Array.from({ length: count }, (_, price) => ({ features: { price } }));
/** Rows of which one comes so many ms after the one before it. */
async function* paused(count: number, at: number, ms: number): AsyncGenerator<{ features: { price: number } }> {
  for (const row of rows(count)) {
    if (row.features.price === at) await sleep(ms);
    yield row;
  }
}
const told = (answers: readonly (Scored | ClientError)[]): readonly (number | string)[] =>
  answers.map((one) => (one instanceof ClientError ? one.code : one.score));

describe('scoreStream with oneCall', () => {
  it('is one call, however many rows', async () => {
    let calls = 0;
    const client = await clientOf((stream, call) => {
      calls = call + 1;
      answering(stream);
    });
    const answers = await Array.fromAsync(client.scoreStream(rows(100), { oneCall: true }));
    expect(told(answers)).toEqual(rows(100).map(({ features }) => features.price));
    expect(calls).toBe(1);
  });

  it('asks again for the rows that were in flight when the call broke, on another one', async () => {
    const client = await clientOf((stream, call) => {
      // Two rows of the first call are answered, and a third is the end of it.
      if (call > 0) answering(stream);
      else
        answering(stream, (score) => {
          if (score === 2) stream.emit('error', { code: 14, details: 'the server goes' });
          return score < 2;
        });
    });
    const answers = await Array.fromAsync(client.scoreStream(rows(20), { oneCall: true, inFlight: 4 }));
    expect(told(answers)).toEqual(rows(20).map(({ features }) => features.price));
  });

  it('gives up a row that is not answered in time, and goes on with another call', async () => {
    const client = await clientOf((stream, call) => answering(stream, (score) => call > 0 || score !== 1));
    const answers = await Array.fromAsync(client.scoreStream(rows(4), { oneCall: true, inFlight: 1, deadlineMs: 500 }));
    expect(told(answers)).toEqual([0, 'DEADLINE_EXCEEDED', 2, 3]);
  });

  it('refuses a row that cannot be encoded, and answers those before and after it', async () => {
    const client = await clientOf((stream) => answering(stream));
    const strange = [...rows(3), { features: { price: 3, wide: 2n ** 64n } }, ...rows(6).slice(4)];
    const answers = await Array.fromAsync(client.scoreStream(strange, { oneCall: true, inFlight: 6 }));
    expect(told(answers)).toEqual([0, 1, 2, 'INVALID_ARGUMENT', 4, 5]);
    const wrong = await Array.fromAsync(client.scoreStream(rows(2), { oneCall: true, version: 1.5 }));
    expect(told(wrong)).toEqual(['INVALID_ARGUMENT', 'INVALID_ARGUMENT']);
  });

  it('goes on with its call after a row that was late, whose answer is no other row’s', async () => {
    let calls = 0;
    let givenUp: (() => void) | undefined;
    const late = new Promise<void>((resolve) => (givenUp = resolve));
    const client = await clientOf((stream, call) => {
      calls = call + 1;
      // The first row is answered once the second has come, and that one when nobody waits for it any more.
      stream.on('data', ({ row }: serving.ScoreStreamRequest) => {
        const price = Number(row?.features.get('price')?.integer);
        const answer = (score: number): unknown =>
          stream.write(serving.ScoreStreamResponse.create({ answer: { version: 1n, score } }));
        if (price === 1) {
          answer(0);
          void late.then(() => answer(1));
        } else if (price === 2) void late.then(() => answer(2));
      });
      stream.on('end', () => stream.end());
    });
    const options = { oneCall: true, inFlight: 2, deadlineMs: 2000 };
    const answers: (Scored | ClientError)[] = [];
    for await (const answer of client.scoreStream(paused(3, 2, 1000), options)) {
      answers.push(answer);
      if (answer instanceof ClientError) givenUp?.();
    }
    expect(told(answers)).toEqual([0, 'DEADLINE_EXCEEDED', 2]);
    expect(calls).toBe(1);
  });

  it('sends rows again by another call where one hangs, which costs them no attempt', async () => {
    const client = await clientOf((stream, call) => answering(stream, () => call > 0), 1);
    const options = { oneCall: true, inFlight: 2, deadlineMs: 2000 };
    const answers = await Array.fromAsync(client.scoreStream(paused(2, 1, 1000), options));
    expect(told(answers)).toEqual(['DEADLINE_EXCEEDED', 1]);
  });

  it('sends a server that is too slow for all rows no more than it answers in time', async () => {
    let most = 0;
    const client = await clientOf((stream) => {
      let unanswered = 0;
      let turn = Promise.resolve();
      stream.on('data', ({ row }: serving.ScoreStreamRequest) => {
        most = Math.max(most, (unanswered += 1));
        turn = turn.then(async () => {
          await sleep(50);
          unanswered -= 1;
          const score = Number(row?.features.get('price')?.integer);
          stream.write(serving.ScoreStreamResponse.create({ answer: { version: 1n, score } }));
        });
      });
      stream.on('end', () => stream.end());
    }, 1);
    const options = { oneCall: true, inFlight: 16, deadlineMs: 400 };
    const answers = told(await Array.fromAsync(client.scoreStream(rows(80), options)));
    // Those that it cannot answer are given up, and no other is with them.
    expect(answers).toEqual(answers.map((one, at) => (one === 'DEADLINE_EXCEEDED' ? one : at)));
    expect(answers).toContain('DEADLINE_EXCEEDED');
    // The first, of which nothing is known, and no row behind those that nobody waits for.
    expect(most).toBeLessThanOrEqual(16);
  });

  it('sends no more rows than may be in flight before they are answered', async () => {
    let [sent, most] = [0, 0];
    const client = await clientOf((stream) => {
      let unanswered = 0;
      stream.on('data', () => {
        most = Math.max(most, (unanswered += 1));
        // Others that were sent have come by the time that this turn is over.
        setTimeout(() => {
          unanswered -= 1;
          stream.write(serving.ScoreStreamResponse.create({ answer: { version: 1n, score: 0 } }));
        }, 5);
      });
      stream.on('end', () => stream.end());
    });
    const stream = client.scoreStream(rows(30), { oneCall: true, inFlight: 3 });
    for await (const _ of stream) sent += 1;
    expect([sent, most]).toEqual([30, 3]);
  });

  it('ends its call where the loop is left', async () => {
    let ended: (() => void) | undefined;
    const cancelled = new Promise<void>((resolve) => (ended = resolve));
    const client = await clientOf((stream) => {
      answering(stream);
      stream.on('cancelled', () => ended?.());
    });
    for await (const _ of client.scoreStream(rows(100), { oneCall: true })) break;
    await cancelled;
  });

  it('is refused over REST', async () => {
    const client = new ClickClient({ model: 'ads', transport: overFetch({ addresses: ['http://127.0.0.1:1'] }) });
    await expect(client.scoreStream(rows(1), { oneCall: true }).next()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});
