import type { Progress } from '../progress.ts';
import { Home } from '../system/home.ts';
import { type Clients, openClients } from '../system/clients.ts';
import { endOnSignal } from '../system/end-on-signal.ts';
import { openTls } from '../system/command-tls.ts';
import { startSystem, type System } from '../system/system.ts';

/** What a command works with: the system that runs in the home, or one that it started itself. */
export interface SystemInUse extends AsyncDisposable {
  readonly clients: Clients;
  readonly ports: System['ports'];
  readonly restScheme: System['restScheme'];
  readonly databaseUrl: string;
  readonly eventBusUrl: string;
  readonly artifactsUrl: string;
  /** This command started it: nobody else knows of it yet. */
  readonly isOwn: boolean;
  /** From here on the command itself ends on signals. Before, they end it, and what it started. */
  releaseSignals(): void;
}

export interface SystemChoice {
  readonly home: string;
  readonly freePorts?: boolean;
  /** Of every service, where it starts them. */
  readonly instances?: number;
}

/** Uses what runs in the home; starts what does not, and stops only that, when `progress` says nothing more. */
export async function systemFor(choice: SystemChoice, progress?: Progress): Promise<SystemInUse> {
  const home = new Home(choice.home);
  const running = await home.running();
  if (running !== undefined) {
    const clients = openClients(running.instances, home.token(), openTls(running.tlsFiles).grpcCredentials());
    const releaseSignals = endOnSignal(() => clients.close());
    return {
      ...running,
      clients,
      isOwn: false,
      [Symbol.asyncDispose]: async () => {
        progress?.rest();
        releaseSignals();
        await clients.close();
      },
      releaseSignals,
    };
  }
  progress?.update('start', 0, 0, 'PostgreSQL and five services');
  const own = await startSystem({
    home,
    freePorts: choice.freePorts ?? false,
    instances: choice.instances ?? 1,
    onRestart: (service, reason) => {
      console.error(`${service} ended (${reason}) and is started again`);
    },
    onWaiting: (sentence) => {
      console.error(sentence);
    },
  });
  return {
    ...own,
    isOwn: true,
    [Symbol.asyncDispose]: () => {
      progress?.rest();
      return own.stop();
    },
  };
}
