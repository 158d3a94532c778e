import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { chromiumProgram } from './chromium-program.ts';
import { Page } from './page.ts';
import { Pipe } from './pipe.ts';

export interface Chromium extends AsyncDisposable {
  /** As HeadlessChrome/153.0.8010.0. */
  readonly version: string;
  /** Opens a page, and waits until it and its scripts are loaded. */
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

const flags = [
  ...[
    '--headless',
    '--no-sandbox',
    '--no-zygote',
    '--disable-gpu',
    '--disable-software-rasterizer',
    '--disable-dev-shm-usage',
  ],
  ...['--no-first-run', '--no-pings', '--disable-background-networking', '--disable-component-update'],
  // It asks nobody but who it is told to: no proxy of the environment stands before the loopback.
  ...['--no-proxy-server', '--remote-debugging-pipe'],
];

/** Lines of its log that an error shows. */
const shownLines = 8;

/** Starts a browser with a profile of its own. It ends with this process. Rejects with its last words where it does not start. */
export async function openChromium(): Promise<Chromium> {
  const { path, libraries } = await chromiumProgram();
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  const child = spawn(path, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    env: libraries === undefined ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries },
  });
  const [, , , to, from] = child.stdio;
  const pipe = new Pipe(to as Writable, from as Readable);
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (log = (log + chunk).slice(-10_000)));
  const ended = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      const last = log.trimEnd().split('\n').slice(-shownLines).join('\n');
      pipe.end(new Error(`Chromium (${path}) ${how}\n${last}`));
      resolve();
    };
    child.once('error', ({ message }) => end(`could not be started: ${message}`));
    child.once('exit', (code, signal) => end(`ended with ${code ?? signal}`));
  });
  const { product: version } = await pipe.send<{ readonly product: string }>('Browser.getVersion');
  const close = async (): Promise<void> => {
    await Promise.race([pipe.send('Browser.close'), ended]).catch(() => undefined);
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    version,
    open: (url) => openPage(pipe, url),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function openPage(pipe: Pipe, url: string): Promise<Page> {
  const { targetId } = await pipe.send<{ readonly targetId: string }>('Target.createTarget', { url: 'about:blank' });
  const attach = { targetId, flatten: true };
  const { sessionId } = await pipe.send<{ readonly sessionId: string }>('Target.attachToTarget', attach);
  const navigate = { url };
  const { errorText } = await pipe.send<{ readonly errorText?: string }>('Page.navigate', navigate, sessionId);
  if (errorText !== undefined) throw new Error(`Chromium cannot open ${url}: ${errorText}`);
  const page = new Page(pipe, sessionId);
  await page.until(`location.href !== 'about:blank' && document.readyState === 'complete'`);
  return page;
}
