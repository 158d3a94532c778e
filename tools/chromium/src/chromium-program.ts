import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';

const version = '153.0.0';
/** Of the package, as the npm registry has it. */
const integrity = 'jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==';
const cache = resolve(import.meta.dirname, '../../../.cache/chromium');
const own = join(cache, version);
const execute = promisify(execFile);

export interface ChromiumProgram {
  readonly path: string;
  /** Folder of shared libraries that it needs beside the system's; absent: none. */
  readonly libraries?: string;
}

/** The program that `CHROMIUM` names, else the pinned one, fetched where it is not there yet. Throws an error that says what to do. */
export async function chromiumProgram(): Promise<ChromiumProgram> {
  const { CHROMIUM: named } = process.env;
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`CHROMIUM is "${named}", and nothing is there`);
    mkdirSync(cache, { recursive: true });
    return { path: named };
  }
  const what = `${process.platform}-${process.arch}`;
  if (what !== 'linux-x64')
    throw new Error(
      `the tests need Chromium, and there is no pinned one for ${what}: set CHROMIUM to the path of a Chrome or Chromium program`,
    );
  const program = { path: join(own, 'chromium'), libraries: join(own, 'lib') };
  if (!existsSync(program.path)) await fetchChromium();
  return program;
}

async function fetchChromium(): Promise<void> {
  const partial = join(cache, `${version}.${process.pid}.part`);
  mkdirSync(partial, { recursive: true });
  try {
    await fetchPackage(partial);
    const binaries = join(partial, 'package/bin');
    await unpack(join(binaries, 'chromium.br'), join(partial, 'chromium'));
    await unpack(join(binaries, 'al2023.tar.br'), join(partial, 'libraries.tar'));
    await execute('tar', ['-xf', 'libraries.tar'], { cwd: partial });
    rmSync(join(partial, 'package'), { recursive: true });
    rmSync(join(partial, 'libraries.tar'));
    renameSync(partial, own);
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(join(own, 'chromium')))
      throw new Error(
        `fetching Chromium ${version} from the npm registry failed: ${(error as Error).message}\nIs the registry reachable? Run it again, or set CHROMIUM to the path of a Chrome or Chromium program.`,
        { cause: error },
      );
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function fetchPackage(folder: string): Promise<void> {
  await execute('npm', ['pack', '--silent', '--ignore-scripts', `@sparticuz/chromium@${version}`], { cwd: folder });
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  const seen = hash.digest('base64');
  if (seen !== integrity)
    throw new Error(`the package is not the pinned one: sha512-${seen}, expected sha512-${integrity}`);
  await execute('tar', ['-xzf', file], { cwd: folder });
  rmSync(file);
}

async function unpack(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode: 0o755 }));
}
