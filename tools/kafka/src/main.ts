// node --conditions=@adstocrat/source tools/kafka/src/main.ts install | start [--dir DIR] [--port N]
import { parseArgs } from 'node:util';
import { installKafka } from './install-kafka.ts';
import { startKafka } from './start-kafka.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dir: { type: 'string' }, port: { type: 'string' } },
});
if (positionals[0] === 'install') await installKafka();
else if (positionals[0] === 'start') {
  const kafka = await startKafka({
    port: Number(values.port ?? 0),
    ...(values.dir === undefined ? {} : { dir: values.dir }),
  });
  console.log(`EVENT_BUS_URL=kafka://${kafka.brokers.join(',')}`);
  process.once('SIGINT', () => void kafka.stop());
  process.once('SIGTERM', () => void kafka.stop());
} else {
  console.error('usage: main.ts install | start [--dir DIR] [--port N]');
  process.exitCode = 2;
}
