import type { Command } from 'commander';

/** What of commander says that a word is not known, and what may be meant. */
interface Unknowing {
  unknownOption(flag: string): void;
  unknownCommand(): void;
}

/**
 * Ends the program, as commander does, where a command or an option is not known: before help is asked for, and before commander misses an
 * option that may only be written wrongly. `words`: what follows the program's name.
 */
export function refuseUnknownWords(program: Command, words: readonly string[]): void {
  let command = program;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return;
    if (word.startsWith('-')) {
      const [flag = ''] = word.split('=');
      if (['-h', '--help'].includes(flag)) continue;
      const option = command.options.find(({ long, short }) => flag === long || flag === short);
      if (option === undefined) {
        (command as unknown as Unknowing).unknownOption(flag);
        return;
      }
      if (option.required && flag === word) at += 1;
    } else if (command.commands.length > 0) {
      const inner = command.commands.find((one) => one.name() === word);
      if (inner === undefined && word !== 'help') {
        command.args = [word];
        (command as unknown as Unknowing).unknownCommand();
      }
      if (inner === undefined) return;
      command = inner;
    }
  }
}
