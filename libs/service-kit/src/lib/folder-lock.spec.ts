import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FolderLock } from './folder-lock.ts';

const base = mkdtempSync(join(tmpdir(), 'folder-lock-'));
const module = join(import.meta.dirname, 'folder-lock.ts');
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A process that tries to take the folder, says whether it could, and stays. */
async function taker(folder: string): Promise<{ readonly said: string; readonly process: ChildProcess }> {
  const script = `
    const { FolderLock } = await import(${JSON.stringify(module)});
    try { globalThis.kept = FolderLock.take(${JSON.stringify(folder)}); console.log('taken'); }
    catch (error) { console.log(error.message); }
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { said: said.toString().trim(), process: child };
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('FolderLock', () => {
  it("is one process's, and free again the moment that process is killed", async () => {
    const folder = join(base, 'killed');
    const first = await taker(folder);
    expect(first.said).toBe('taken');
    const second = await taker(folder);
    expect(second.said).toMatch(new RegExp(`in use by another process \\(process ${first.process.pid} on `));
    await killed(second.process);
    await killed(first.process);
    FolderLock.take(folder).release();
  });

  it("is one of this process's own too, until it is given back", () => {
    const folder = join(base, 'own');
    const lock = FolderLock.take(folder);
    expect(() => FolderLock.take(folder)).toThrow(/in use by another process/);
    lock.release();
    FolderLock.take(folder).release();
  });

  it('goes to one alone of many that try at once, though the last holder was killed', async () => {
    const folder = join(base, 'many');
    await killed((await taker(folder)).process);
    const takers = await Promise.all(Array.from({ length: 5 }, () => taker(folder)));
    expect(takers.filter(({ said }) => said === 'taken')).toHaveLength(1);
    await Promise.all(takers.map((one) => killed(one.process)));
  });

  it('can be asked about, which takes nothing and makes nothing', async () => {
    const folder = join(base, 'asked');
    expect(FolderLock.isHeld(folder)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    const other = await taker(folder);
    expect(FolderLock.isHeld(folder)).toBe(true);
    await killed(other.process);
    expect(FolderLock.isHeld(folder)).toBe(false);
    const own = FolderLock.take(folder);
    expect(FolderLock.isHeld(folder)).toBe(true);
    // Asking has not ended it.
    const third = await taker(folder);
    expect(third.said).toMatch(/in use/);
    await killed(third.process);
    own.release();
  });

  it('is given to who takes it while others ask', async () => {
    const folder = join(base, 'while-asked');
    FolderLock.take(folder).release();
    const script = `
      const { FolderLock } = await import(${JSON.stringify(module)});
      console.log('asks');
      setInterval(() => FolderLock.isHeld(${JSON.stringify(folder)}), 1);`;
    const asker = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(asker.stdout, 'data');
    for (let time = 0; time < 200; time += 1) FolderLock.take(folder).release();
    await killed(asker);
  });

  it('is on no folder behind a link, which whoever made it may turn', () => {
    const folder = join(base, 'behind');
    mkdirSync(folder);
    symlinkSync(folder, join(base, 'link'));
    expect(() => FolderLock.take(`${join(base, 'link')}/`)).toThrow(/is a link: name the folder itself/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes through no link in its folder', () => {
    const folder = join(base, 'linked-holder');
    const other = join(base, 'other');
    mkdirSync(folder);
    writeFileSync(other, 'theirs');
    symlinkSync(other, join(folder, 'holder'));
    FolderLock.take(folder).release();
    expect(readFileSync(other, 'utf8')).toBe('theirs');
  });

  it("is on no other account's folder", () => {
    const folder = join(base, 'foreign');
    mkdirSync(folder);
    const account = process.getuid!();
    // Only root can give a folder away: for who is not, it is its own that it takes.
    if (account === 0) chownSync(folder, 65_534, 65_534);
    const taken = (): void => FolderLock.take(folder).release();
    if (account === 0) expect(taken).toThrow(/foreign belongs to another account \(uid 65534, not 0\)/);
    else expect(taken).not.toThrow();
  });
});
