// node --conditions=@adstocrat/source tools/chromium/src/main.ts install
import { chromiumProgram } from './chromium-program.ts';

if (process.argv[2] === 'install') {
  try {
    await chromiumProgram();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
} else {
  console.error('usage: main.ts install');
  process.exitCode = 2;
}
