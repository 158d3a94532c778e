import { CommanderError } from 'commander';
import { ExitError } from './exit-error.ts';
import { createProgram } from './program.ts';

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong; help and version are no mistakes.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof ExitError) {
    console.error(`adstocrat: ${error.message}`);
    process.exitCode = error.code;
  } else {
    console.error(error);
    process.exitCode = 1;
  }
}
