/** Where progress goes: a bar that is redrawn on a terminal, a line a second elsewhere. Always stderr. */
export interface Progress {
  /** `total` 0: not known. */
  update(step: string, done: number, total: number, note?: string): void;
  /** Ends the step with a line that stays. */
  finish(line: string): void;
}

const width = 24;

/** Progress for this process's stderr. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? terminalProgress(stream) : lineProgress(stream);
}

function terminalProgress(stream: NodeJS.WriteStream): Progress {
  return {
    update: (step, done, total, note = '') => {
      stream.write(
        `\r\u001b[2K  ${step.padEnd(16)} ${bar(done, total)} ${figures(done, total)} ${note}`.slice(0, stream.columns),
      );
    },
    finish: (line) => {
      stream.write(`\r\u001b[2K${line}\n`);
    },
  };
}

function lineProgress(stream: NodeJS.WriteStream): Progress {
  let lastMs = 0;
  let lastStep = '';
  return {
    update: (step, done, total, note = '') => {
      const now = Date.now();
      if (step === lastStep && now - lastMs < 2000) return;
      lastMs = now;
      lastStep = step;
      const words = [step, figures(done, total), note].filter((word) => word !== '');
      stream.write(`  ${words.join(' ')}\n`);
    },
    finish: (line) => {
      stream.write(`${line}\n`);
    },
  };
}

function bar(done: number, total: number): string {
  const filled = total > 0 ? Math.min(width, Math.floor((done / total) * width)) : 0;
  return `[${'█'.repeat(filled)}${'·'.repeat(width - filled)}]`;
}

function figures(done: number, total: number): string {
  if (total > 0) return `${Math.min(100, Math.floor((done / total) * 100))} %`;
  return done > 0 ? done.toLocaleString('en') : '';
}
