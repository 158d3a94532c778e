// npm test: sets up what is missing, then everything CI runs.
import { handOver } from './hand-over.mjs';
import { afterSetUp } from './setup.mjs';

await afterSetUp(() => handOver('tools/checks/src/main.ts', process.argv.slice(2)), { tests: true });
