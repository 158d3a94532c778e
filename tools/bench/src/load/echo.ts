import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { GrpcConnection } from './grpc-connection.ts';

/**
 * A server that does nothing, asked beside the one that is measured: what its p99 becomes under the same load is the machine's doing, which
 * the load shares with both.
 */
export interface Echo {
  readonly connection: GrpcConnection;
  close(): void;
}

export async function openEcho(): Promise<Echo> {
  const child = fork(join(import.meta.dirname, 'echo-process.ts'), { execArgv: ['--conditions=@adstocrat/source'] });
  const [port] = (await once(child, 'message')) as [number];
  const connection = await GrpcConnection.open(`127.0.0.1:${port}`, '/bench.Echo/Echo', 1);
  return {
    connection,
    close: () => {
      connection.close();
      child.kill('SIGKILL');
    },
  };
}
