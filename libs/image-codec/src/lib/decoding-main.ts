// Started by decoding-process.ts: node decoding-main.ts PRIORITY [only-idle], with a channel to its parent.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { NumberedAnswer, NumberedJob } from './decoding-process.ts';
import { answerTo } from './image-decoder.ts';

lowerPriority(Number(process.argv[2]));
// Before any image: threads to come have it of this one. Where there is no chrt, the priority is what it has.
if (process.argv[3] === 'only-idle' && process.platform === 'linux')
  spawnSync('chrt', ['--idle', '--all-tasks', '--pid', '0', String(process.pid)], { stdio: 'ignore' });
// It ends with its parent, in the midst of an image too, and with nothing else: a terminal interrupts all of a group at once, and
// the parent still answers then.
const end = (): boolean => process.kill(process.pid, 'SIGKILL');
process.once('disconnect', end);
if (!process.connected) end();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

process.on('message', (job: NumberedJob) => {
  const { number } = job;
  void answerTo(job).then((answer) => process.send?.({ number, answer } satisfies NumberedAnswer, () => undefined));
});

/** On Linux a priority is a thread's: those that began before have their own, those to come have that of who begins them. */
function lowerPriority(priority: number): void {
  const threads = process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [0];
  for (const thread of threads)
    try {
      setPriority(thread, priority);
    } catch {
      // It has ended, or what priority it may have.
    }
}
