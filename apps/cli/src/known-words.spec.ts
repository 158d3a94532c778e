import { type Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { refuseUnknownWords } from './known-words.ts';
import { createProgram } from './program.ts';

/** What is said of words; nothing of those that are known. */
function said(...words: readonly string[]): string {
  let text = '';
  const program = createProgram();
  const silence = (command: Command): void => {
    command.configureOutput({ writeErr: (part) => (text += part) });
    command.commands.forEach(silence);
  };
  silence(program);
  try {
    refuseUnknownWords(program, words);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
  }
  return text;
}

describe('refuseUnknownWords', () => {
  it.each([
    [['run', '--dta', 'x', '--label', 'y'], "unknown option '--dta'"],
    [['run', '--dta=x'], "unknown option '--dta'"],
    [['serve', '--help'], "unknown command 'serve'"],
    [['runn'], "unknown command 'runn'"],
    [['dead-letters', 'lst', '--help'], "unknown command 'lst'"],
    [['dead-letters', 'list', '--topics', 'x'], "unknown option '--topics'"],
  ])('names what is not known in %j', (words, says) => {
    expect(said(...words)).toContain(says);
  });

  it.each([
    [[]],
    [['--help']],
    [['help', 'run']],
    [['run', '--help']],
    [['run', '--data', '--odd-name', '--label=y', '--once']],
    [['rollback', '--model', 'm', '--reason', '--why']],
    [['dead-letters', 'list', '--home', 'h']],
  ])('lets %j pass', (words) => {
    expect(said(...words)).toBe('');
  });
});
