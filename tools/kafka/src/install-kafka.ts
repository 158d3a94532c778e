import { execFile } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const here = resolve(import.meta.dirname, '..');
const jars = resolve(here, '../../.cache/kafka/jars');

/** Folder with Apache Kafka's jars, fetched by Maven where they are not there yet. */
export async function installKafka(): Promise<string> {
  if (existsSync(jars) && readdirSync(jars).some((name) => name.startsWith('kafka_2.13-'))) return jars;
  const partial = `${jars}.part`;
  rmSync(partial, { recursive: true, force: true });
  const goal = [
    '-B',
    '-q',
    '-f',
    resolve(here, 'pom.xml'),
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${partial}`,
  ];
  try {
    await promisify(execFile)('mvn', goal, { maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`fetching Apache Kafka with Maven failed: ${(error as Error).message}`, { cause: error });
  }
  rmSync(jars, { recursive: true, force: true });
  renameSync(partial, jars);
  return jars;
}
