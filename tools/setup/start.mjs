// npm start: sets up what is missing, then the whole loop on this machine.
import { handOver } from './hand-over.mjs';
import { afterSetUp } from './setup.mjs';

await afterSetUp(() => handOver('apps/cli/src/main.ts', ['start', ...process.argv.slice(2)]));
