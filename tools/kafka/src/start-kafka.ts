import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '@adstocrat/ports';
import { watchdog } from '@adstocrat/service-kit';
import { brokerSettings } from './broker-settings.ts';
import { installKafka } from './install-kafka.ts';
import { type KafkaUser, makeCertificate, scramCredentials, secureSettings } from './secure-listener.ts';

export interface KafkaOptions {
  /** 0 (default) takes a free one. */
  readonly port?: number;
  /** Kept where given, else a temporary folder that goes with `stop`. */
  readonly dir?: string;
  /** Port that the broker sends clients to: that of a proxy, for faults on the wire. */
  readonly advertisedPort?: number;
  /** How long a new group waits for more members, ms. A broker's default is 3000, this one's 0. */
  readonly rebalanceDelayMs?: number;
  /** Opens a second listener, with TLS and SASL, for this user. */
  readonly secureFor?: KafkaUser;
}

export interface RunningKafka {
  /** 127.0.0.1:PORT */
  readonly brokers: readonly string[];
  /** The listener with TLS: 127.0.0.1:PORT, and the PEM file of its authority. */
  readonly secure?: { readonly broker: string; readonly ca: string };
  /** As a crash: SIGKILL. */
  kill(): Promise<void>;
  /** As a crash, then a start on the same data and port. */
  restart(): Promise<void>;
  /** Hangs with its connections open (SIGSTOP) until `thaw`. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

const java = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** Starts one Apache Kafka broker in KRaft mode on 127.0.0.1. Needs Java 17. It ends with this process, however that ends. */
export async function startKafka(options: KafkaOptions = {}): Promise<RunningKafka> {
  const jars = await installKafka();
  const dir = options.dir === undefined ? mkdtempSync(join(tmpdir(), 'adstocrat-kafka-')) : resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const port = options.port === undefined || options.port === 0 ? await freePort() : options.port;
  const dataDir = join(dir, 'data');
  const settings = join(dir, 'server.properties');
  const { secureFor, advertisedPort = port, rebalanceDelayMs = 0 } = options;
  const secure =
    secureFor === undefined
      ? undefined
      : { port: await freePort(), ca: await makeCertificate(dir), settings: secureSettings(dir, secureFor) };
  writeFileSync(
    settings,
    brokerSettings({
      port,
      controllerPort: await freePort(),
      dataDir,
      advertisedPort,
      rebalanceDelayMs,
      ...(secure === undefined ? {} : { secure }),
    }),
  );
  const log4j = `-Dlog4j2.configurationFile=file:${resolve(import.meta.dirname, '../log4j2.properties')}`;
  if (!existsSync(join(dataDir, 'meta.properties'))) {
    const format = [
      'kafka.tools.StorageTool',
      'format',
      '-t',
      'MkU3OEVBNTcwNTJENDM2Qg',
      '-c',
      settings,
      '--ignore-formatted',
      ...(secureFor === undefined ? [] : scramCredentials(secureFor)),
    ];
    await promisify(execFile)('java', [...java, '-Xmx128m', log4j, '-cp', `${jars}/*`, ...format]);
  }
  const run = async (): Promise<ChildProcess> => {
    const log = openSync(join(dir, 'broker.log'), 'a');
    const broker = spawn(
      'java',
      [...java, '-Xms256m', '-Xmx256m', log4j, '-cp', `${jars}/*`, 'kafka.Kafka', settings],
      { stdio: ['ignore', log, log], detached: true },
    );
    closeSync(log);
    broker.once('exit', () => {
      watchdog.forget(broker.pid);
    });
    watchdog.watch(broker.pid, 'service');
    await answers(broker, port, join(dir, 'broker.log'));
    return broker;
  };
  let broker = await run();
  return {
    brokers: [`127.0.0.1:${port}`],
    ...(secure === undefined ? {} : { secure: { broker: `127.0.0.1:${secure.port}`, ca: secure.ca } }),
    kill: () => end(broker, 'SIGKILL'),
    freeze: () => {
      broker.kill('SIGSTOP');
    },
    thaw: () => {
      broker.kill('SIGCONT');
    },
    restart: async () => {
      await end(broker, 'SIGKILL');
      broker = await run();
    },
    stop: async () => {
      // Nothing in it is needed once the data goes: a clean shutdown takes seconds.
      await end(broker, options.dir === undefined ? 'SIGKILL' : 'SIGTERM');
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function answers(broker: ChildProcess, port: number, logFile: string): Promise<void> {
  for (const until = Date.now() + 60_000; ; await sleep(100)) {
    const open = await new Promise<boolean>((answer) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        answer(true);
      });
      socket.once('error', () => {
        answer(false);
      });
    });
    if (open) return;
    if (broker.exitCode !== null || Date.now() > until) {
      broker.kill('SIGKILL');
      throw new Error(`Kafka does not start:\n${readFileSync(logFile, 'utf8').split('\n').slice(-12).join('\n')}`);
    }
  }
}

async function end(broker: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const ended = new Promise((resolveEnd) => broker.once('exit', resolveEnd));
  broker.kill(signal);
  await ended;
}
