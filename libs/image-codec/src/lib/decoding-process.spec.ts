import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { areaResize } from '@adstocrat/transforms';
import { BadImage, decodeRgb } from './decode-rgb.ts';
import { DecodingProcess } from './decoding-process.ts';

/** Of all colours, so that no two pixels near each other are the same. */
const picture = (width: number, height: number, channels: 1 | 3 | 4 = 3): Sharp =>
  sharp(Buffer.from(Array.from({ length: width * height * channels }, (_, at) => (at * 7) % 251)), {
    raw: { width, height, channels },
  });
const large = (): Promise<Buffer> =>
  sharp({ create: { width: 3000, height: 3000, channels: 3, background: 'red' } })
    .png()
    .toBuffer();

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

/** A process that has ended and is not waited for yet is none. */
function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}

/** Fields are counted behind the program's name, which may hold anything: field 19 of stat is nice (proc_pid_stat(5)). */
function niceOf(stat: string): number {
  return Number(readFileSync(stat, 'utf8').split(') ').at(-1)?.split(' ')[16]);
}

/** Another process that has an image decoded and says by which process. */
function parent(body: string): ReturnType<typeof spawn> {
  const module = JSON.stringify(new URL('./decoding-process.ts', import.meta.url).href);
  return spawn(
    process.execPath,
    [...process.execArgv, '--input-type=module', '-e', `const { DecodingProcess } = await import(${module}); ${body}`],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
}

describe('DecodingProcess', () => {
  it('answers to the byte as decoding in this process does', async () => {
    const decoding = new DecodingProcess({ idleMs: 100 });
    const images = await Promise.all([
      picture(133, 70).png().toBuffer(),
      picture(133, 70).jpeg({ quality: 60 }).withMetadata({ orientation: 6 }).toBuffer(),
      picture(41, 200, 4).webp({ lossless: true }).toBuffer(),
      picture(90, 90, 1).gif().toBuffer(),
    ]);
    const answers = await Promise.all(images.map((bytes: Buffer) => decoding.resize({ bytes, size: 16 })));
    for (const [at, bytes] of images.entries())
      expect(Buffer.from(answers[at]!)).toEqual(Buffer.from(areaResize(await decodeRgb(bytes), 16)));
  });

  it('says of what is no image what decoding in this process says', async () => {
    const decoding = new DecodingProcess({ idleMs: 100 });
    const damaged = (await picture(60, 60).png().toBuffer()).subarray(0, 100);
    for (const bytes of [Buffer.from('no image'), damaged]) {
      const said = (await decodeRgb(bytes).catch((error: unknown) => error)) as BadImage;
      await expect(decoding.resize({ bytes, size: 8 })).rejects.toThrow(new BadImage(said.message));
    }
    expect(await decoding.resize({ bytes: await picture(3, 3).png().toBuffer(), size: 2 })).toHaveLength(12);
  });

  it('fails what is in it when it dies, and decodes the next in another, not at once', async () => {
    const restartMs = 1500;
    const decoding = new DecodingProcess({ restartMs, idleMs: 100 });
    const bytes = await large();
    const begunMs = performance.now();
    const [one, two] = [decoding.resize({ bytes, size: 8 }), decoding.resize({ bytes, size: 9 })];
    const first = decoding.pid!;
    process.kill(first, 'SIGKILL');
    const ended = 'the process that decodes large images ended (SIGKILL)';
    for (const each of await Promise.allSettled([one, two]))
      expect(each).toMatchObject({ status: 'rejected', reason: { name: 'Error', message: ended } });
    const small = await picture(3, 3).png().toBuffer();
    const pixels = await decoding.resize({ bytes: small, size: 2 });
    expect(performance.now() - begunMs).toBeGreaterThanOrEqual(restartMs);
    expect(pixels).toEqual(areaResize(await decodeRgb(small), 2));
    expect(decoding.pid).not.toBe(first);
  });

  it('ends when no image came for a while, and begins again', async () => {
    const decoding = new DecodingProcess({ idleMs: 50 });
    const bytes = await picture(3, 3).png().toBuffer();
    await decoding.resize({ bytes, size: 2 });
    const { pid } = decoding;
    await until(() => decoding.pid === undefined);
    if (process.platform === 'linux') await until(() => !runs(pid!));
    expect(await decoding.resize({ bytes, size: 2 })).toHaveLength(12);
  });

  it('may die while it is idle', async () => {
    const decoding = new DecodingProcess({ idleMs: 300, restartMs: 10 });
    const bytes = await picture(3, 3).png().toBuffer();
    await decoding.resize({ bytes, size: 2 });
    process.kill(decoding.pid!, 'SIGKILL');
    await until(() => decoding.pid === undefined);
    // The time at which it would have ended by itself has come.
    await sleep(400);
    expect(await decoding.resize({ bytes, size: 2 })).toHaveLength(12);
  });

  it('says why where it cannot begin', async () => {
    const decoding = new DecodingProcess({ idleMs: 100, restartMs: 10 });
    const bytes = await picture(3, 3).png().toBuffer();
    const { execPath } = process;
    process.execPath = '/nowhere/node';
    try {
      await expect(decoding.resize({ bytes, size: 2 })).rejects.toThrow(
        'the process that decodes large images ended (spawn /nowhere/node ENOENT)',
      );
    } finally {
      process.execPath = execPath;
    }
    expect(await decoding.resize({ bytes, size: 2 })).toHaveLength(12);
  });

  it('keeps no process alive while it has no image', async () => {
    const bytes = (await picture(3, 3).png().toBuffer()).toString('base64');
    const done = parent(
      `const pixels = await new DecodingProcess().resize({ bytes: Buffer.from('${bytes}', 'base64'), size: 2 }); console.log(pixels.length);`,
    );
    const [said] = (await once(createInterface(done.stdout!), 'line')) as [string];
    expect(said).toBe('12');
    if (done.exitCode === null) expect(await once(done, 'exit')).toEqual([0, null]);
  });

  describe.runIf(process.platform === 'linux')('on Linux', () => {
    it('has a lower priority, all its threads', async () => {
      const decoding = new DecodingProcess({ idleMs: 100 });
      await decoding.resize({ bytes: await large(), size: 8 });
      const tasks = `/proc/${decoding.pid}/task`;
      const nice = readdirSync(tasks).map((task) => niceOf(`${tasks}/${task}/stat`));
      // Its own, those of V8, and those in which sharp decodes.
      expect(nice.length).toBeGreaterThan(2);
      expect(new Set(nice)).toEqual(new Set([constants.priority.PRIORITY_BELOW_NORMAL]));
    });

    it('ends with its parent, in the midst of an image too, and not when all of a terminal are interrupted', async () => {
      const dying = parent(
        `const bytes = [];
        for await (const chunk of process.stdin) bytes.push(chunk);
        const decoding = new DecodingProcess();
        const small = decoding.resize({ bytes: Buffer.concat(bytes).subarray(0, 10), size: 2 }).catch(() => undefined);
        await small;
        for (let size = 1; size <= 40; size += 1) void decoding.resize({ bytes: Buffer.concat(bytes), size });
        setInterval(() => undefined, 1000);
        console.log(decoding.pid);`,
      );
      dying.stdin!.end(await large());
      const [said] = (await once(createInterface(dying.stdout!), 'line')) as [string];
      const pid = Number(said);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
      await sleep(100);
      expect(runs(pid)).toBe(true);
      dying.kill('SIGKILL');
      await until(() => !runs(pid));
    });
  });
});
