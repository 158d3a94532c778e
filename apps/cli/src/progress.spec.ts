import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Progress into a list of what was written. */
function written(isTTY: boolean): { readonly texts: string[]; readonly progress: ReturnType<typeof createProgress> } {
  const texts: string[] = [];
  const stream = { isTTY, columns: 60, write: (text: string) => texts.push(text) };
  return { texts, progress: createProgress(stream as unknown as NodeJS.WriteStream) };
}

describe('progress without a terminal', () => {
  it('has a line at once, then one in two seconds, and says a silent step again with its time', () => {
    const { texts, progress } = written(false);
    progress.update('scan', 0, 200, 'of 200 rows');
    expect(texts).toEqual(['  scan 0 % of 200 rows\n']);
    progress.update('scan', 50, 200, 'of 200 rows');
    expect(texts).toHaveLength(1);
    // What came too early for a line of its own is said as soon as one is due.
    vi.advanceTimersByTime(2000);
    expect(texts.slice(1)).toEqual(['  scan 25 % of 200 rows, 2 s\n']);
    vi.advanceTimersByTime(9000);
    expect(texts).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    expect(texts.slice(2)).toEqual(['  scan 25 % of 200 rows, 12 s\n']);
    progress.update('images', 3, 0, 'images');
    expect(texts.slice(3)).toEqual(['  images 3 images\n']);
  });

  it('says nothing more of a step that is finished, nor at rest', () => {
    const { texts, progress } = written(false);
    progress.update('scan', 0, 0);
    progress.finish('span 1: 9 rows');
    vi.advanceTimersByTime(60_000);
    expect(texts).toEqual(['  scan\n', 'span 1: 9 rows\n']);
    progress.update('train', 0, 0);
    progress.rest();
    vi.advanceTimersByTime(60_000);
    expect(texts.slice(2)).toEqual(['  train\n']);
  });
});

describe('progress on a terminal', () => {
  it('is one line that is redrawn every second and never wider than the terminal', () => {
    const { texts, progress } = written(true);
    progress.update('scan', 50, 100, 'x'.repeat(100));
    vi.advanceTimersByTime(3000);
    expect(texts).toHaveLength(4);
    for (const text of texts) expect(text.replace('\r\u001b[2K', '')).toHaveLength(59);
    progress.finish('done');
    expect(texts.at(-1)).toBe('\r\u001b[2Kdone\n');
  });
});
