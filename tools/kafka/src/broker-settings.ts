/** A single KRaft node (broker and controller) on 127.0.0.1 alone, sized for tests. */
export function brokerSettings(options: {
  readonly port: number;
  readonly controllerPort: number;
  readonly dataDir: string;
  /** Port that clients are told to come to; default: the broker's own. */
  readonly advertisedPort?: number;
  /** How long a new group waits for more members. A broker's default is 3000, this one's 0. */
  readonly rebalanceDelayMs?: number;
  /** A second listener, with TLS and SASL, and its settings. */
  readonly secure?: { readonly port: number; readonly settings: Readonly<Record<string, string>> };
}): string {
  const { port, controllerPort, dataDir, advertisedPort = port, secure } = options;
  const secureListener = secure === undefined ? '' : `,SECURE://127.0.0.1:${secure.port}`;
  const settings: Readonly<Record<string, string | number>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${secureListener}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}${secureListener}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
    'log.dirs': dataDir,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': options.rebalanceDelayMs ?? 0,
    'group.min.session.timeout.ms': 1000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'num.recovery.threads.per.data.dir': 1,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    // A killed broker that comes back waits for its old registration to expire: 9 s by default.
    'broker.session.timeout.ms': 1500,
    'broker.heartbeat.interval.ms': 300,
    ...secure?.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
