import { CommanderError } from 'commander';
import { ExitError } from './exit-error.ts';
import { isEnding } from './system/end-on-signal.ts';
import { sentenceOf } from './sentence-of.ts';
import { createProgram } from './program.ts';
import { refuseUnknownWords } from './known-words.ts';

// What the command writes is its owner's alone, whatever it starts.
process.umask(0o077);
// Whoever started it over IPC is gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
try {
  const program = createProgram();
  refuseUnknownWords(program, process.argv.slice(2));
  await program.parseAsync(process.argv);
} catch (error) {
  if (isEnding()) {
    // It was told to end: what broke on the way is no news, and the exit code is set.
  } else if (error instanceof CommanderError) {
    // Commander has said what is wrong; help and version are no mistakes.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof ExitError) {
    console.error(`adstocrat: ${error.message}`);
    process.exitCode = error.code;
  } else {
    console.error(sentenceOf(error) ?? error);
    process.exitCode = 1;
  }
}
