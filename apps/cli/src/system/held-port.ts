import { createServer, connect, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that a port is waited for which a connection from here to elsewhere has: such ones come and go. */
const passingMs = 30_000;

/** Listens on a port of 127.0.0.1, once a connection that has it has ended. Throws where another listens there, or the connection stays. */
export async function listenOn(port: number, server = createServer()): Promise<Server> {
  for (const until = Date.now() + passingMs; ; await sleep(100))
    try {
      await new Promise<void>((listening, failed) => {
        const told = (error?: Error): void => {
          server.off('error', told).off('listening', told);
          if (error === undefined) listening();
          else failed(error);
        };
        server.once('error', told).once('listening', told).listen(port, '127.0.0.1');
      });
      return server;
    } catch (error) {
      if (Date.now() > until || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || (await isListenedOn(port)))
        throw error;
    }
}

/** Whether anybody takes connections there. */
function isListenedOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
