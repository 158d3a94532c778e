// npm run campaign -- NAME
import { handOver } from './hand-over.mjs';
import { afterSetUp } from './setup.mjs';

await afterSetUp(() => handOver('tools/campaigns/src/main.ts', process.argv.slice(2)));
