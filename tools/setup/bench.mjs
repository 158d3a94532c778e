// npm run bench -- NAME
import { handOver } from './hand-over.mjs';
import { afterSetUp } from './setup.mjs';

await afterSetUp(() => handOver('tools/bench/src/main.ts', process.argv.slice(2)));
