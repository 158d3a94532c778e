import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type ListenOptions } from 'node:net';

/** Below it lie ports that others are known to use. */
const lowest = 10_240;
/** Where Linux begins to give ports to outgoing connections and to who asks for any, unless it is told otherwise. */
const usualEphemeral = 32_768;
const attempts = 1000;

/**
 * So many TCP ports of 127.0.0.1, all different, for servers that start later, maybe in other processes. Nothing listens there now, the
 * system gives them to nobody who asks for just any port, and no other caller gets them while this process lives.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt += 1) {
    if (attempt === attempts) throw new Error(`no port of 127.0.0.1 is free: ${attempts} were tried`);
    const port = randomInt(lowest, highest());
    if ((await isFree(port)) && (await claim(port))) ports.push(port);
  }
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}

function highest(): number {
  const first = Number.parseInt(systemRange(), 10);
  return first > lowest ? first : 65_536;
}

function systemRange(): string {
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  } catch {
    return String(usualEphemeral);
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen({ port, host: '127.0.0.1' });
  if (server === undefined) return false;
  await new Promise((closed) => server.close(closed));
  return true;
}

/** By a socket of Linux's abstract names, which ends with the process that holds it, however that ends. */
async function claim(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const server = await listen({ path: `\0adstocrat-port-${port}` });
  server?.unref();
  return server !== undefined;
}

/** Undefined where another does. */
function listen(at: ListenOptions): Promise<ReturnType<typeof createServer> | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen(at, () => {
      resolve(server);
    });
  });
}
