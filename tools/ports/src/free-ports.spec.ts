import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { freePorts } from './free-ports.ts';

const module = JSON.stringify(new URL('./free-ports.ts', import.meta.url).href);
const script = `import { freePorts } from ${module}; console.log((await freePorts(400)).join(' '));`;

async function ofAnotherProcess(): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return stdout.trim().split(' ').map(Number);
}

describe('freePorts', () => {
  it('gives different ports to callers of different processes, which end and leave nothing', async () => {
    const [mine, ...others] = await Promise.all([freePorts(400), ofAnotherProcess(), ofAnotherProcess()]);
    expect(new Set(mine).size).toBe(400);
    for (const other of others) expect(other.filter((port) => mine.includes(port))).toEqual([]);
  });

  it('stays out of the range that the system gives to who asks for any port', async () => {
    const ports = await freePorts(50);
    const [first = 0, last = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .split(/\s+/)
      .map(Number);
    expect(ports.filter((port) => port >= first && port <= last)).toEqual([]);
  });

  it('gives what can be listened on, and nothing that somebody listens on', async () => {
    const servers = await Promise.all(
      (await freePorts(100)).map(
        (port) =>
          new Promise<ReturnType<typeof createServer>>((listening, failed) => {
            const server = createServer().once('error', failed);
            server.listen(port, '127.0.0.1', () => {
              listening(server);
            });
          }),
      ),
    );
    await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
    expect(servers).toHaveLength(100);
  });
});
