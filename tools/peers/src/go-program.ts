import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const cache = resolve(import.meta.dirname, '../../../.cache/peers');

/** A program of the Go module proxy at this version, compiled once. Throws where Go or the proxy is missing. */
export function goProgram(packagePath: string, version: string): string {
  const folder = join(cache, `${basename(packagePath)}-${version}`);
  const program = join(folder, basename(packagePath));
  if (!existsSync(program))
    execFileSync('go', ['install', `${packagePath}@${version}`], {
      stdio: 'inherit',
      env: { ...process.env, GOBIN: folder },
    });
  return program;
}
