import type { SystemChoice } from './system-for.ts';

/** Where the state lives, unless told. */
export const usualHome = '.adstocrat';

/** A command that goes on in the same home, as a shell takes it. */
export function nextCommand(words: readonly string[], { home, freePorts }: SystemChoice): string {
  const choice = [...(home === usualHome ? [] : ['--home', home]), ...(freePorts === true ? ['--free-ports'] : [])];
  return ['npx', 'adstocrat', ...words, ...choice].map(quoted).join(' ');
}

/** What a POSIX shell would not take for one word stands in quotes. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
