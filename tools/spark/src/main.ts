// node --conditions=@adstocrat/source tools/spark/src/main.ts install | sail | spark
import { installSail, startSail } from './start-sail.ts';
import { startSpark } from './start-spark.ts';

const what = process.argv[2];
if (what === 'install') {
  try {
    installSail();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
} else if (what === 'sail' || what === 'spark') {
  const server = await (what === 'sail' ? startSail() : startSpark());
  console.log(`EXAMPLE_ENGINE_URL=${server.url}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.stop());
} else {
  console.error('usage: main.ts install | sail | spark, where install brings Sail');
  process.exitCode = 2;
}
