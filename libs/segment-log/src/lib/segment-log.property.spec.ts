import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, it } from 'vitest';
import { SegmentLog } from './segment-log.ts';

const base = mkdtempSync(join(tmpdir(), 'segment-log-property-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let folders = 0;

type Step =
  | { readonly do: 'append'; readonly groups: readonly number[] }
  | { readonly do: 'read'; readonly most: number; readonly advance: boolean }
  | { readonly do: 'restart' }
  /** A SIGKILL: a copy of the folder as it lies there, with bytes of a write that was under way behind the newest segment. */
  | { readonly do: 'kill'; readonly torn: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('append' as const),
    groups: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ do: fc.constant('read' as const), most: fc.integer({ min: 1, max: 40 }), advance: fc.boolean() }),
  fc.record({ do: fc.constant('restart' as const) }),
  fc.record({ do: fc.constant('kill' as const), torn: fc.integer({ min: 0, max: 60 }) }),
);

/** A log that holds some 3,000 of these records, in segments of 400. */
function open(folder: string): Promise<SegmentLog> {
  return SegmentLog.open({ folder, maxBytes: 80_000, maxAgeMs: 86_400_000, whenFull: 'refuse' });
}

function killed(folder: string, torn: number): string {
  folders += 1;
  const left = join(base, String(folders));
  cpSync(folder, left, { recursive: true });
  const newest = readdirSync(left)
    .filter((name) => name.endsWith('.segment'))
    .sort()
    .at(-1);
  if (newest === undefined) return left;
  const path = join(left, newest);
  // A file system may leave zeros where the bytes of a write have not come.
  truncateSync(path, statSync(path).size + torn);
  return left;
}

describe('SegmentLog', () => {
  it('gives every record it took, in order, whatever is read, restarted and killed in between, and none that was done with', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        folders += 1;
        let folder = join(base, String(folders));
        let log = await open(folder);
        // Records are the numbers from 0, as text: those below `done` were read and done with.
        let [taken, done] = [0, 0];
        const next = (count: number): readonly Buffer[] =>
          Array.from({ length: count }, () => Buffer.from(String(taken++)));
        const check = (records: readonly Buffer[]): void => {
          for (const [index, record] of records.entries())
            if (String(record) !== String(done + index))
              throw new Error(`record ${done + index} was due, ${String(record)} came`);
        };
        for (const one of steps) {
          if (one.do === 'append') await Promise.all(one.groups.map((count) => log.append(next(count))));
          else if (one.do === 'read') {
            const batch = await log.read(one.most);
            if (batch === undefined && taken !== done) throw new Error(`${taken - done} records do not come`);
            check(batch?.records ?? []);
            if (batch !== undefined && one.advance) {
              await log.advance(batch);
              done += batch.records.length;
            }
          } else {
            if (one.do === 'kill') folder = killed(folder, one.torn);
            await log.close();
            log = await open(folder);
          }
          if (log.state.waitingRecords !== taken - done)
            throw new Error(`${taken - done} records wait, the log says ${log.state.waitingRecords}`);
        }
        for (let batch = await log.read(1000); batch !== undefined; batch = await log.read(1000)) {
          check(batch.records);
          await log.advance(batch);
          done += batch.records.length;
        }
        if (done !== taken) throw new Error(`${taken} records were taken, ${done} came`);
        await log.close();
      }),
      { numRuns: 60 },
    );
  });
});
