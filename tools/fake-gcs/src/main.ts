// node --conditions=@adstocrat/source tools/fake-gcs/src/main.ts install | start [--data DIR] [--port N]
import { parseArgs } from 'node:util';
import { installFakeGcs } from './install-fake-gcs.ts';
import { startFakeGcs } from './start-fake-gcs.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string' }, port: { type: 'string' } },
});
if (positionals[0] === 'install') await installFakeGcs();
else if (positionals[0] === 'start') {
  const server = await startFakeGcs({
    port: Number(values.port ?? 0),
    ...(values.data === undefined ? {} : { data: values.data }),
  });
  console.log(`STORAGE_EMULATOR_HOST=${server.url}`);
  process.once('SIGINT', () => void server.stop());
} else {
  console.error('usage: main.ts install | start [--data DIR, each folder in it a bucket] [--port N]');
  process.exitCode = 2;
}
