// npm run test:peers -- NAME
import { handOver } from './hand-over.mjs';
import { afterSetUp } from './setup.mjs';

await afterSetUp(() => handOver('tools/peers/src/main.ts', process.argv.slice(2)));
