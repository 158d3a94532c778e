import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const version = '1.56.1';
const bin = resolve(import.meta.dirname, '../../../.cache/fake-gcs/bin');

/** Path of the emulator's program, built by Go where it is not there yet. */
export async function installFakeGcs(): Promise<string> {
  const program = join(bin, 'fake-gcs-server');
  if (existsSync(program)) return program;
  mkdirSync(bin, { recursive: true });
  try {
    await promisify(execFile)('go', ['install', `github.com/fsouza/fake-gcs-server@v${version}`], {
      env: { ...process.env, GOBIN: bin },
    });
  } catch (error) {
    throw new Error(`building fake-gcs-server ${version} with Go failed: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return program;
}
