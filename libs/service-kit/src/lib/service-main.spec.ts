import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchOf } from './claim-work-dir.ts';
import { FolderLock } from './folder-lock.ts';

const workDir = join(mkdtempSync(join(tmpdir(), 'service-main-')), 'work');
afterAll(() => {
  rmSync(join(workDir, '..'), { recursive: true, force: true });
});
const module = join(import.meta.dirname, 'service-main.ts');

/** A service with one resource; `resource` and `before` are source. It is told to end once it has started, where it is to. */
async function run(service: { readonly resource: string; readonly before?: string; readonly end?: boolean }): Promise<{
  readonly code: number | null;
  readonly log: readonly Record<string, unknown>[];
}> {
  const script = `
    const { serviceMain } = await import(${JSON.stringify(module)});
    await serviceMain({
      name: 'spec',
      parseConfig: () => ({ SHUTDOWN_GRACE_MS: 400, WORK_DIR: ${JSON.stringify(workDir)} }),
      compose: async () => { ${service.before ?? ''}; return [{ name: 'thing', ${service.resource} }]; },
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const log: Record<string, unknown>[] = [];
  const ended = once(child, 'close');
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line) as Record<string, unknown>;
    log.push(said);
    if (said['msg'] === 'starting' && service.end !== false) setTimeout(() => child.kill('SIGTERM'), 100);
  }
  const [code] = (await ended) as [number | null];
  return { code, log };
}

const leavesTimers = 'async () => { setInterval(() => {}, 1000); }';
const starts = 'start: async () => {}';
const stops = 'stop: async () => {}';

describe('serviceMain', () => {
  it.each([
    {
      why: 'a resource that does not stop, and names it',
      resource: `start: async () => { setInterval(() => {}, 1000); }, stop: () => new Promise(() => {})`,
      message: /stopping thing: it did not stop within 300 ms/,
    },
    {
      why: 'a composition that waits for ever',
      resource: `${starts}, ${stops}`,
      before: 'await new Promise(() => setInterval(() => {}, 1000))',
      message: /not stopped within the grace/,
    },
    {
      why: 'a rejection that nobody handles',
      resource: `start: async () => { setTimeout(() => Promise.reject(new Error('nobody hears'))); await new Promise((done) => setTimeout(done, 1000)); }, ${stops}`,
      end: false,
      message: /nobody hears/,
    },
  ])('ends the process, with 1, whatever holds it: $why', async ({ message, ...service }) => {
    const { code, log } = await run(service);
    expect(code).toBe(1);
    const fatal = log.filter(({ level }) => level === 60);
    expect(fatal).toHaveLength(1);
    expect(JSON.stringify(fatal[0])).toMatch(message);
  });

  it.each([
    { why: 'a library has left behind', start: leavesTimers },
    { why: 'a start still waits for', start: '() => { setInterval(() => {}, 1000); return new Promise(() => {}); }' },
  ])('ends with 0 when it is told to and everything stops, whatever $why', async ({ start }) => {
    const { code, log } = await run({ resource: `start: ${start}, ${stops}` });
    expect(code).toBe(0);
    expect(log.map(({ msg }) => msg)).toEqual(['starting', 'stopped']);
  });

  it.each([
    {
      how: 'in time',
      act: 'async () => { await new Promise((done) => setTimeout(done, 50)); console.log(JSON.stringify({ msg: "sent" })); }',
    },
    { how: 'not within the grace', act: '() => new Promise(() => {})' },
  ])('does what is left for the end before it ends: $how', async ({ how, act }) => {
    const { code, log } = await run({
      resource: `start: ${leavesTimers}, ${stops}`,
      before: `(await import(${JSON.stringify(join(import.meta.dirname, 'end-of-process.ts'))})).beforeTheEnd(${act})`,
    });
    const last = how === 'in time' ? 'sent' : 'not stopped within the grace: ended';
    expect(log.map(({ msg }) => msg)).toEqual(['starting', 'stopped', last]);
    expect(code).toBe(how === 'in time' ? 0 : 1);
  });

  it('clears what a killed process left in its scratch, and keeps the rest of its folder', async () => {
    mkdirSync(join(scratchOf(workDir), 'span-1'), { recursive: true });
    writeFileSync(join(scratchOf(workDir), 'span-1', 'people.csv'), 'personal');
    writeFileSync(join(workDir, 'kept'), 'kept');
    await run({ resource: `${starts}, ${stops}` });
    expect(existsSync(join(scratchOf(workDir), 'span-1'))).toBe(false);
    expect(existsSync(join(workDir, 'kept'))).toBe(true);
    expect(statSync(scratchOf(workDir)).mode & 0o777).toBe(0o700);
  });

  it('waits for the work folder of a process that is just ending', async () => {
    const before = FolderLock.take(workDir);
    const running = run({
      resource: `${starts}, ${stops}`,
      end: false,
      before: 'setTimeout(() => process.exit(0), 50)',
    });
    setTimeout(() => {
      before.release();
    }, 500);
    const { log } = await running;
    expect(log.map(({ msg }) => msg)).toEqual(['starting']);
  });
});
