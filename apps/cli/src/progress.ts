/** Where progress goes: a bar that is redrawn on a terminal, lines elsewhere. Always stderr. */
export interface Progress {
  /** `total` 0: not known. */
  update(step: string, done: number, total: number, note?: string): void;
  /** Ends the step with a line that stays. */
  finish(line: string): void;
  /** No step is at work any more: what is silent is not said to go on. */
  rest(): void;
}

interface Step {
  readonly name: string;
  readonly done: number;
  readonly total: number;
  readonly note: string;
  readonly sinceMs: number;
}

const width = 24;
/** A terminal is redrawn so often, wall milliseconds. */
const redrawMs = 1000;
/** Elsewhere a line of one step follows another no sooner than this, and no later than that. */
const [soonestMs, latestMs] = [2000, 10_000];

/**
 * Progress for this process's stderr. A step that says nothing for a while is said again with its time, so that nobody takes it for
 * dead.
 */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const write = stream.isTTY ? onTerminal(stream) : inLines(stream);
  let step: Step | undefined;
  let timer: NodeJS.Timeout | undefined;
  const rest = (): void => {
    clearInterval(timer);
    timer = step = undefined;
  };
  return {
    update: (name, done, total, note = '') => {
      const now = performance.now();
      const isNew = step?.name !== name;
      step = { name, done, total, note, sinceMs: step !== undefined && !isNew ? step.sinceMs : now };
      timer ??= setInterval(() => {
        if (step !== undefined) write.step(step, performance.now(), false);
      }, redrawMs).unref();
      write.step(step, now, isNew);
    },
    finish: (line) => {
      rest();
      write.line(line);
    },
    rest,
  };
}

interface StepWriter {
  step(step: Step, nowMs: number, isNew: boolean): void;
  line(text: string): void;
}

function onTerminal(stream: NodeJS.WriteStream): StepWriter {
  return {
    step: (step, nowMs) => {
      const { name, done, total } = step;
      const line = `  ${name.padEnd(16)} ${bar(done, total)} ${wordsOf(step, nowMs)}`;
      stream.write(`\r\u001b[2K${line.slice(0, Math.max(1, stream.columns - 1))}`);
    },
    line: (text) => {
      stream.write(`\r\u001b[2K${text}\n`);
    },
  };
}

function inLines(stream: NodeJS.WriteStream): StepWriter {
  let lastMs = -Infinity;
  let last: Step | undefined;
  return {
    step: (step, nowMs, isNew) => {
      const isSame = last === step;
      if (!isNew && nowMs - lastMs < (isSame ? latestMs : soonestMs)) return;
      [lastMs, last] = [nowMs, step];
      stream.write(`  ${step.name} ${wordsOf(step, nowMs)}`.trimEnd() + '\n');
    },
    line: (text) => {
      stream.write(`${text}\n`);
    },
  };
}

function wordsOf({ done, total, note, sinceMs }: Step, nowMs: number): string {
  const seconds = Math.floor((nowMs - sinceMs) / 1000);
  const figures = [figuresOf(done, total), note].filter((word) => word !== '').join(' ');
  return [figures, seconds >= 2 ? `${seconds} s` : ''].filter((word) => word !== '').join(', ');
}

function bar(done: number, total: number): string {
  const filled = total > 0 ? Math.min(width, Math.floor((done / total) * width)) : 0;
  return `[${'█'.repeat(filled)}${'·'.repeat(width - filled)}]`;
}

function figuresOf(done: number, total: number): string {
  if (total > 0) return `${Math.min(100, Math.floor((done / total) * 100))} %`;
  return done > 0 ? done.toLocaleString('en') : '';
}
