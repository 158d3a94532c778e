import { expect, it } from 'vitest';
import type { KafkaMessage } from 'kafkajs';
import { PartitionWork } from './partition-work.ts';

const messageAt = (offset: number, stampMs: number): KafkaMessage => ({
  key: Buffer.from('k'),
  value: Buffer.from('x'),
  timestamp: String(stampMs),
  attributes: 0,
  offset: String(offset),
  headers: {},
});

it('gives an event that is stamped before what was said of its partition that time', async () => {
  const [stamps, said]: [number[], number[]] = [[], []];
  const work = new PartitionWork<string>(
    {
      topic: { name: 't', message: 'M', encode: () => new Uint8Array(), decode: () => 'x' },
      options: {
        group: 'g',
        onReadUntil: (_, untilMs) => {
          said.push(untilMs);
          return Promise.resolve();
        },
      },
      handler: (batch) => {
        stamps.push(...batch.map(({ appendedMs }) => appendedMs));
        return Promise.resolve();
      },
      deadLetter: () => Promise.resolve(),
      commit: () => Promise.resolve(),
    },
    0,
    Promise.resolve(),
  );
  await work.sayReadUntil(1000);
  await work.handle([messageAt(0, 400), messageAt(1, 1200), messageAt(2, 1100)]);
  expect({ stamps, said }).toEqual({ stamps: [1000, 1200, 1200], said: [1000, 1200] });
});
