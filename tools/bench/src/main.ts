// npm run bench -- NAME [options], or --help
import { benches } from './benches.ts';

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;

function usageOf(one: string): string {
  return `npm run bench -- ${[one, benches[one]?.options].filter(Boolean).join(' ')}`;
}

/** What was wrong with the call, or nothing where it asked for help. */
function refuse(wrong: string, help: string): void {
  console[wrong === '' ? 'log' : 'error'](wrong === '' ? help : `${wrong}\n\n${help}`);
  process.exitCode = wrong === '' ? 0 : 2;
}

/** What `parseArgs` says of an option that a bench does not have, or of one without its value. */
function isOfOptions(error: unknown): error is TypeError {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

if (bench === undefined) {
  const list = Object.entries(benches).map(([one, { what }]) => `${usageOf(one)}\n    ${what}`);
  const isHelp = name === '--help' || name === '-h';
  refuse(isHelp ? '' : name === '' ? 'which benchmark?' : `there is no benchmark "${name}"`, list.join('\n'));
} else if (args.includes('--help') || args.includes('-h')) {
  refuse('', `${usageOf(name)}\n    ${bench.what}`);
} else {
  try {
    const report = await bench.run(args);
    console.log(JSON.stringify(report));
    process.exitCode = report.bars.every(({ holds }) => holds) ? 0 : 1;
  } catch (error) {
    if (!isOfOptions(error)) throw error;
    refuse(error.message, `usage: ${usageOf(name)}`);
  }
}
