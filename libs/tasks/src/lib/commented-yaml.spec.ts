import { describe, expect, it } from 'vitest';
import { commentedYaml } from './commented-yaml.ts';
import { parseTask } from './parse-task.ts';
import { Task } from './task.ts';

const task = Task.parse({
  name: 't',
  data: { examples: ['*.csv'] },
  label: 'y',
  image: { column: 'pic', base: 'img/' },
});

describe('commentedYaml', () => {
  it('reads back as the same task', () => {
    expect(parseTask(commentedYaml(task, { notes: ['a'], guesses: { image: 'b' } }), 'a')).toEqual(task);
  });

  it('says what every key decides', () => {
    const lines = commentedYaml(task).split('\n');
    for (const key of Object.keys(task)) {
      const at = lines.findIndex((line) => line.startsWith(`${key}:`));
      expect(lines[at - 1], key).toMatch(/^# \w/);
    }
  });

  it('puts guesses at their key and notes at the top', () => {
    const yaml = commentedYaml(task, {
      notes: ['left out: b.csv'],
      guesses: { image: '9 of 10 values are files of img/' },
    });
    expect(yaml).toMatch(/^# left out: b\.csv\n/);
    expect(yaml).toMatch(/\n# 9 of 10 values are files of img\/\nimage:/);
  });

  it('keeps a note a comment, whatever is in it', () => {
    const yaml = commentedYaml(task, { notes: ['a\nlabel: z\u2028name: q\u0085x'] });
    expect(parseTask(yaml, 'a')).toEqual(task);
  });
});
