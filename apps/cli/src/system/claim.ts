import { connect, createServer, type Server } from 'node:net';
import { ExitError } from '../exit-error.ts';
import { listenOn } from './held-port.ts';

/** Who has a set of ports. */
export interface ClaimHolder {
  readonly systemId: string;
  readonly home: string;
  readonly pid: number;
}

/** A port that a command listens on for as long as it runs: it has the ports that go with it, and says so to whoever asks. */
export interface Claim {
  readonly port: number;
  release(): void;
}

/** The one of two commands that comes second gets nothing. Throws {@link ExitError} that says whose the ports are. */
export async function claimPorts(port: number, holder: ClaimHolder): Promise<Claim> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(`${JSON.stringify({ adstocrat: holder })}\n`);
  });
  try {
    await listenOn(port, server);
  } catch (error) {
    const other = await askClaim(port);
    const whose =
      other === undefined
        ? `port ${port} (the command) is taken on 127.0.0.1. Stop what listens there`
        : `the usual ports are taken by adstocrat in ${other.home} (process ${other.pid}). Stop it with Ctrl-C where it was started`;
    throw new ExitError(1, `${whose}, or let adstocrat choose others with --free-ports.`, { cause: error });
  }
  server.unref();
  return { port: portOf(server), release: () => server.close() };
}

/** A command on a busy machine may take a moment. */
const answerMs = 5000;

/** Who holds the port; undefined where nobody answers, or no command of adstocrat. */
export async function askClaim(port: number): Promise<ClaimHolder | undefined> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(answerMs, () => socket.destroy());
  try {
    let text = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      text += chunk.toString();
      if (text.length > 65_536) return undefined;
    }
    return (JSON.parse(text) as { readonly adstocrat?: ClaimHolder }).adstocrat;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

function portOf(server: Server): number {
  return (server.address() as { readonly port: number }).port;
}
