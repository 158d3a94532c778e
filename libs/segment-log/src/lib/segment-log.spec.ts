import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LogFull, SegmentLog, type SegmentLogEvent, type SegmentLogOptions } from './segment-log.ts';

const base = mkdtempSync(join(tmpdir(), 'segment-log-'));
const open: SegmentLog[] = [];
const events: SegmentLogEvent[] = [];
let folders = 0;

function freshFolder(): string {
  folders += 1;
  return join(base, String(folders));
}

async function opened(folder: string, change: Partial<SegmentLogOptions> = {}): Promise<SegmentLog> {
  const log = await SegmentLog.open({
    folder,
    maxBytes: 1024 * 1024,
    maxAgeMs: 86_400_000,
    whenFull: 'refuse',
    onEvent: (event) => events.push(event),
    ...change,
  });
  open.push(log);
  return log;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((log) => log.close()));
  events.length = 0;
  rmSync(base, { recursive: true, force: true });
});

const record = (text: string): Buffer => Buffer.from(text);
const numbered = (from: number, to: number): readonly Buffer[] =>
  Array.from({ length: to - from }, (_, index) => record(`record ${from + index}`));

/** Reads what waits, in batches of `most`; moves on where told to. */
async function readAll(log: SegmentLog, { most = 7, advance = true } = {}): Promise<readonly string[]> {
  const texts: string[] = [];
  for (let batch = await log.read(most); batch !== undefined; batch = await log.read(most)) {
    texts.push(...batch.records.map(String));
    if (!advance) return texts;
    await log.advance(batch);
  }
  return texts;
}

describe('SegmentLog', () => {
  it('gives back what was appended, in order, whoever appended at the same time', async () => {
    const log = await opened(freshFolder());
    await Promise.all(Array.from({ length: 50 }, (_, index) => log.append(numbered(index * 10, index * 10 + 10))));
    expect(log.state.waitingRecords).toBe(500);
    expect(await readAll(log)).toEqual(numbered(0, 500).map(String));
    expect(log.state).toMatchObject({ waitingRecords: 0, waitingBytes: 0, droppedRecords: 0 });
  });

  it('goes on behind what its reader was done with after a restart, over segments', async () => {
    const folder = freshFolder();
    // A segment holds an eighth of it: 2,000 bytes, some 80 records of 25.
    const change = { maxBytes: 16_000 };
    const first = await opened(folder, change);
    for (let from = 0; from < 400; from += 20) await first.append(numbered(from, from + 20));
    const batch = await first.read(111);
    if (batch === undefined) throw new Error('nothing to read');
    const { length } = batch.records;
    await first.advance(batch);
    // Read, and not done with.
    await first.read(100);
    await first.close();
    const second = await opened(folder, change);
    expect(second.state.waitingRecords).toBe(400 - length);
    expect(await readAll(second)).toEqual(numbered(length, 400).map(String));
    expect(readdirSync(folder).filter((name) => name.endsWith('.segment'))).toHaveLength(1);
  });

  it('leaves nothing on disk for long of what its reader is done with, and all of the rest', async () => {
    const folder = freshFolder();
    const log = await opened(folder, { doneMs: 0 });
    const onDisk = (): string =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'latin1'))
        .join();
    await log.append(numbered(0, 30));
    expect(await readAll(log)).toHaveLength(30);
    expect(onDisk()).toContain('record 7');
    await expect.poll(onDisk, { timeout: 240_000 }).not.toContain('record');
    await log.append(numbered(30, 40));
    const batch = await log.read(5);
    await log.advance(batch!);
    // Five wait: they stay, and are read from the segment that is written no longer.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(onDisk()).toContain('record 39');
    expect(await readAll(log)).toEqual(numbered(35, 40).map(String));
  });

  it('leaves out what a write that was cut off left, wherever it was cut', async () => {
    const made = freshFolder();
    const log = await opened(made);
    await log.append([record('first'), record('second'), record('the last one')]);
    await log.close();
    const [segment = ''] = readdirSync(made).filter((name) => name.endsWith('.segment'));
    const whole = readFileSync(join(made, segment));
    // 16 bytes of header and 12 of the record are the last one's.
    for (let cut = whole.length - 28; cut < whole.length; cut += 1) {
      const folder = freshFolder();
      cpSync(made, folder, { recursive: true });
      truncateSync(join(folder, segment), cut);
      const again = await opened(folder);
      await again.append([record('and on')]);
      expect(await readAll(again)).toEqual(['first', 'second', 'and on']);
      await again.close();
    }
    // Nothing is torn where the cut falls between two records.
    expect(events.filter(({ kind }) => kind === 'damaged')).toHaveLength(27);
  });

  it('reads on behind a segment that was damaged on disk, and says how many bytes it lost', async () => {
    const folder = freshFolder();
    const change = { maxBytes: 16_000 };
    const log = await opened(folder, change);
    for (let from = 0; from < 200; from += 20) await log.append(numbered(from, from + 20));
    await log.close();
    const [segment = ''] = readdirSync(folder)
      .filter((name) => name.endsWith('.segment'))
      .sort();
    const path = join(folder, segment);
    const bytes = readFileSync(path);
    // The 40th record: "record 0" to "record 9" take 24 bytes, those behind them 25.
    const at = 10 * 24 + 29 * 25 + 16;
    bytes[at] = (bytes[at] ?? 0) ^ 0x40;
    writeFileSync(path, bytes);
    const again = await opened(folder, change);
    const texts = await readAll(again);
    expect(texts.slice(0, 39)).toEqual(numbered(0, 39).map(String));
    expect(texts.slice(39)).toEqual(numbered(200 - (texts.length - 39), 200).map(String));
    expect(events).toEqual([{ kind: 'damaged', bytes: bytes.length - (at - 16), segment: path }]);
  });

  it('reads again where its position was lost or torn, and never from before the one kept last', async () => {
    const folder = freshFolder();
    const log = await opened(folder);
    await log.append(numbered(0, 30));
    await readAll(log, { most: 10, advance: false });
    const batch = await log.read(10);
    if (batch !== undefined) await log.advance(batch);
    await log.close();
    const kept = join(folder, 'position');
    copyFileSync(kept, join(base, 'whole'));
    const slots = [0, 32].map((slot) => readFileSync(kept).readDoubleLE(slot));
    const newest = slots[0] === Math.max(...slots) ? 0 : 32;
    const torn = readFileSync(kept);
    torn.fill(0xff, newest + 8, newest + 16);
    writeFileSync(kept, torn);
    const previous = await opened(folder);
    expect(previous.state.waitingRecords).toBe(30);
    await previous.close();
    rmSync(kept);
    const lost = await opened(folder);
    expect(await readAll(lost)).toEqual(numbered(0, 30).map(String));
    await lost.close();
    copyFileSync(join(base, 'whole'), kept);
  });

  it('refuses what is more than it may hold, whole, and takes it once there is room', async () => {
    const log = await opened(freshFolder(), { maxBytes: 8000 });
    const block = numbered(100, 120);
    let taken = 0;
    const refused = await (async (): Promise<unknown> => {
      for (; ; taken += 1) await log.append(block);
    })().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LogFull);
    // 16 bytes of header and 10 of text, twenty times: 520 bytes a block.
    expect(taken).toBe(Math.floor(8000 / 520));
    expect(log.state.fault).toBeInstanceOf(LogFull);
    expect(await readAll(log)).toHaveLength(taken * 20);
    expect(log.state.fault).toBeUndefined();
    await log.append(block);
    expect(log.state.waitingRecords).toBe(20);
  });

  it('drops nothing where it is to refuse, however many appends are on their way to the disk', async () => {
    const log = await opened(freshFolder(), { maxBytes: 1024 * 1024 });
    // Longer than what is written on the spot.
    const large = Buffer.alloc(300_000, 'x');
    const appends: Promise<boolean>[] = [];
    for (let n = 0; n < 100; n += 1) {
      appends.push(
        log.append([large]).then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(LogFull);
            return false;
          },
        ),
      );
      await new Promise(setImmediate);
    }
    // Three of 300,016 bytes fit into 1,048,576.
    expect((await Promise.all(appends)).filter((taken) => taken)).toHaveLength(3);
    expect(log.state).toMatchObject({ waitingRecords: 3, droppedRecords: 0 });
    expect(events).toEqual([]);
  });

  it.each(['before', 'after'])('is not full once nothing waits, read %s it refused', async (when) => {
    const log = await opened(freshFolder(), { maxBytes: 8000 });
    // One segment alone, which is still the one that is written.
    await log.append([Buffer.alloc(7000, 'x')]);
    if (when === 'before') expect(await readAll(log)).toHaveLength(1);
    const news = log.waitForNews(new AbortController().signal);
    await expect(log.append([Buffer.alloc(1000, 'y')])).rejects.toThrow(LogFull);
    await news;
    await log.waitForNews(new AbortController().signal);
    expect(await readAll(log)).toHaveLength(when === 'before' ? 0 : 1);
    expect(log.state.fault).toBeUndefined();
    await log.append([Buffer.alloc(1000, 'y')]);
    expect(await readAll(log)).toEqual(['y'.repeat(1000)]);
  });

  it('loses nothing that is appended while a full log is read to its end', async () => {
    const log = await opened(freshFolder(), { maxBytes: 600_000 });
    const large = Buffer.alloc(300_000, 'x');
    let taken = 0;
    let read = 0;
    for (let n = 0; n < 60; n += 1) {
      const appended = log.append([large]).then(
        () => (taken += 1),
        () => undefined,
      );
      read += (await readAll(log)).length;
      await appended;
    }
    read += (await readAll(log)).length;
    expect(read).toBe(taken);
    expect(taken).toBeGreaterThan(2);
  });

  it('makes room by dropping the oldest, counted, where it is told to', async () => {
    const log = await opened(freshFolder(), { maxBytes: 8000, whenFull: 'drop-oldest' });
    for (let from = 100; from < 900; from += 20) await log.append(numbered(from, from + 20));
    const { droppedRecords, waitingRecords, waitingBytes } = log.state;
    expect(droppedRecords + waitingRecords).toBe(800);
    expect(waitingBytes).toBeLessThanOrEqual(8000);
    // At least three quarters of the room is used: a segment, an eighth of it, is dropped at a time.
    expect(waitingBytes).toBeGreaterThan(6000);
    expect(await readAll(log)).toEqual(numbered(100 + droppedRecords, 900).map(String));
    const said = events.map((event) => (event.kind === 'dropped' ? event.records : NaN));
    expect(said.reduce((sum, count) => sum + count, 0)).toBe(droppedRecords);
  });

  it('drops records from under a reader without giving any twice', async () => {
    const log = await opened(freshFolder(), { maxBytes: 8000, whenFull: 'drop-oldest' });
    await log.append(numbered(100, 120));
    const batch = await log.read(15);
    for (let from = 120; from < 900; from += 20) await log.append(numbered(from, from + 20));
    if (batch !== undefined) await log.advance(batch);
    const texts = await readAll(log);
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.at(-1)).toBe('record 899');
    expect(log.state.droppedRecords + texts.length).toBe(800);
  });

  it('drops what is older than it may be', async () => {
    const log = await opened(freshFolder(), { maxAgeMs: 1 });
    await log.append(numbered(0, 5));
    const states = new Set<string>();
    for (const end = Date.now() + 240_000; log.state.droppedRecords < 5 && Date.now() < end;) {
      const { waitingRecords, droppedRecords } = log.state;
      states.add(`${waitingRecords} wait, ${droppedRecords} dropped`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // At no moment are there records that neither wait nor were dropped.
    expect([...states]).toEqual(['5 wait, 0 dropped']);
    expect(log.state).toMatchObject({ waitingRecords: 0, droppedRecords: 5 });
    expect(events).toEqual([{ kind: 'dropped', records: 5, why: 'old' }]);
  });

  it('drops what is too old also while few records come', async () => {
    const log = await opened(freshFolder(), { maxAgeMs: 800 });
    for (const end = Date.now() + 240_000; log.state.droppedRecords === 0 && Date.now() < end;) {
      await log.append(numbered(0, 1));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(events[0]).toMatchObject({ kind: 'dropped', why: 'old' });
    expect(log.state.waitingRecords).toBeGreaterThan(0);
  });

  it('takes a record larger than a segment and than a read', async () => {
    const log = await opened(freshFolder(), { maxBytes: 16 * 1024 * 1024 });
    const large = Buffer.alloc(5 * 1024 * 1024, 'x');
    await log.append([record('before'), large, record('behind')]);
    const texts = await readAll(log);
    expect(texts.map(({ length }) => length)).toEqual([6, large.length, 6]);
  });

  it.each([
    { why: 'an empty record', bytes: 0 },
    { why: 'one above 64 MiB', bytes: 64 * 1024 * 1024 + 1 },
  ])('refuses $why', async ({ bytes }) => {
    const log = await opened(freshFolder());
    await expect(log.append([new Uint8Array(bytes)])).rejects.toThrow(RangeError);
  });

  it('writes what was appended before it ends, and refuses what comes after', async () => {
    const folder = freshFolder();
    const log = await opened(folder, { gatherMs: 20 });
    const appended = log.append(numbered(0, 3));
    await log.close();
    await appended;
    await expect(log.append(numbered(3, 4))).rejects.toThrow('closed');
    const again = await opened(folder);
    expect(await readAll(again)).toHaveLength(3);
  });
});
