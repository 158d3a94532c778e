import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { areaResize } from '@adstocrat/transforms';
import { BadImage, decodeRgb } from './decode-rgb.ts';
import { DecodingProcess } from './decoding-process.ts';
import type { ImageDecoder } from './image-decoder.ts';
import { PatientDecoder } from './patient-decoder.ts';

const bytes = await sharp({ create: { width: 300, height: 200, channels: 3, background: 'teal' } })
  .png()
  .toBuffer();
const pixels = areaResize(await decodeRgb(bytes), 4);
const hasChrt = process.platform === 'linux' && spawnSync('chrt', ['--version']).status === 0;

it('answers where the first never comes to it, which is asked for nothing more until it has', async () => {
  const stopped = new DecodingProcess({ idleMs: 1000 });
  const asked: Promise<Uint8Array>[] = [];
  const first: ImageDecoder = {
    lowPriority: true,
    resize: (job) => {
      const answer = stopped.resize(job);
      asked.push(answer);
      return answer;
    },
  };
  const patient = new PatientDecoder(first, new DecodingProcess({ idleMs: 100 }), 50);
  const one = patient.resize({ bytes, size: 4 });
  const pid = stopped.pid!;
  process.kill(pid, 'SIGSTOP');
  try {
    expect(await one).toEqual(pixels);
    expect(await patient.resize({ bytes, size: 4 })).toEqual(pixels);
    expect(asked).toHaveLength(1);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  expect(await asked[0]).toEqual(pixels);
  await new Promise(setImmediate);
  expect(await patient.resize({ bytes, size: 4 })).toEqual(pixels);
  expect(asked).toHaveLength(2);
}, 120_000);

it('says of what is no image what the first says, and asks nobody else', async () => {
  const other = new DecodingProcess({ idleMs: 100 });
  const patient = new PatientDecoder(new DecodingProcess({ idleMs: 100 }), other, 30_000);
  await expect(patient.resize({ bytes: Buffer.from('no image'), size: 4 })).rejects.toThrow(BadImage);
  expect(other.pid).toBeUndefined();
}, 60_000);

it.runIf(hasChrt)(
  'has no more than what is idle, in all its threads',
  async () => {
    const decoding = new DecodingProcess({ onlyIdle: true, idleMs: 100 });
    // On a machine without idle time it would not come to it: nobody waits here.
    const image = decoding.resize({ bytes, size: 4 }).catch(() => undefined);
    const { pid } = decoding;
    // Field 41 of stat is the policy (proc_pid_stat(5)); 5 is SCHED_IDLE (sched(7)).
    const policies = (): readonly number[] =>
      readdirSync(`/proc/${pid}/task`).map((task) =>
        Number(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[38]),
      );
    await expect.poll(() => [...new Set(policies())], { timeout: 60_000 }).toEqual([5]);
    expect(policies().length).toBeGreaterThan(2);
    process.kill(pid!, 'SIGKILL');
    await image;
  },
  90_000,
);
