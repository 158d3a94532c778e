import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const sources = resolve(import.meta.dirname, '../java');
const cache = resolve(import.meta.dirname, '../../../.cache/peers');

/** The class path of what `java/*.java` compile to, with what `java/pom.xml` pins. Made once of each. Throws where Java 17, Maven or its registry is missing. */
export function javaClassPath(): string {
  const files = readdirSync(sources).sort();
  const digest = createHash('sha256');
  for (const file of files) digest.update(readFileSync(join(sources, file)));
  const folder = join(cache, `java-${digest.digest('hex').slice(0, 12)}`);
  const classPath = `${join(folder, '*')}:${folder}`;
  if (existsSync(folder)) return classPath;
  const begun = `${folder}.begun`;
  rmSync(begun, { recursive: true, force: true });
  const run = (program: string, ...args: readonly string[]): void => {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  run('mvn', '-B', '-q', '-f', join(sources, 'pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${begun}`);
  const java = files.filter((file) => file.endsWith('.java')).map((file) => join(sources, file));
  run('javac', '-encoding', 'UTF-8', '-cp', join(begun, '*'), '-d', begun, ...java);
  renameSync(begun, folder);
  return classPath;
}
