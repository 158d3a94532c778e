import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Some steps of one trainer, in the process's own account. */
export interface TrainedSlice {
  /** User and system time of all its threads. */
  readonly cpuS: number;
  readonly wallS: number;
  /** Mean log-loss of the steps' rows, each before the step on it. */
  readonly loss: number;
}

/** A trainer in a process of its own, which trains when asked to and else waits. */
export interface TrainerProcess {
  readonly name: string;
  /** Trains on `count` batches from the one at `first` on. */
  train(first: number, count: number): Promise<TrainedSlice>;
  stop(): Promise<void>;
}

/** How a trainer is started. It answers each line `FIRST COUNT` on stdin with a {@link TrainedSlice} in JSON, and ends with stdin. */
export interface TrainerProgram {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Never the GPU, and as many threads for each of them. PyTorch's would spin while they wait, two to four times the CPU of their work. */
export const environment = (threads: number): Readonly<Record<string, string>> => ({
  CUDA_VISIBLE_DEVICES: '-1',
  TF_CPP_MIN_LOG_LEVEL: '2',
  TF_NUM_INTRAOP_THREADS: String(threads),
  TF_NUM_INTEROP_THREADS: String(threads),
  OMP_NUM_THREADS: String(threads),
  OMP_WAIT_POLICY: 'passive',
});

/** A process that has read its task only when its first answer comes. */
export function startTrainer({ name, command, args }: TrainerProgram, threads: number): TrainerProcess {
  const env = { ...process.env, ...environment(threads) };
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  // Where it has ended, its answer's absence says so.
  child.stdin.on('error', () => undefined);
  const exited = once(child, 'exit');
  exited.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name,
    async train(first, count) {
      child.stdin.write(`${first} ${count}\n`);
      for (;;) {
        const { done, value } = await lines.next();
        if (done === true) throw new Error(`the trainer ${name} ended before it answered`);
        // Peers print lines of their own.
        if (value.startsWith('{')) return JSON.parse(value) as TrainedSlice;
      }
    },
    async stop() {
      child.stdin.end();
      await exited.catch(() => undefined);
    },
  };
}
