// node --conditions=@adstocrat/source tools/spark/src/main.ts sail | spark
import { startSail } from './start-sail.ts';
import { startSpark } from './start-spark.ts';

const what = process.argv[2];
if (what === 'sail' || what === 'spark') {
  const server = await (what === 'sail' ? startSail() : startSpark());
  console.log(`EXAMPLE_ENGINE_URL=${server.url}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.stop());
} else {
  console.error('usage: main.ts sail | spark');
  process.exitCode = 2;
}
