import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** Where a cluster is and how it is spoken to. */
export interface KafkaAddress {
  /** host:port */
  readonly brokers: readonly string[];
  /** TLS: the system's certificate authorities, or the one in `ca` (PEM) alone. */
  readonly tls?: { readonly ca?: string };
  readonly sasl?: {
    readonly mechanism: SaslMechanism;
    readonly username: string;
    readonly password: string;
  };
  /** Of topics that are made on first use. */
  readonly partitions?: number;
}

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';
const mechanisms: readonly SaslMechanism[] = ['plain', 'scram-sha-256', 'scram-sha-512'];

/**
 * Reads `kafka://host:port,host:port` or, over TLS, `kafkas://user:password@host:port?sasl=scram-sha-512&ca=/path/ca.pem`.
 * User and password are percent-encoded. A user needs `sasl`; `plain` needs TLS. Throws a `TypeError` that says what is wrong,
 * never with the password.
 */
export function parseKafkaUrl(url: string): KafkaAddress {
  const match = /^(kafkas?):\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/.exec(url);
  if (match === null) throw new TypeError('a Kafka bus is named by kafka://host:port,host:port or kafkas://…');
  const [, scheme, credentials, hosts = '', query] = match;
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys())
    if (!['sasl', 'ca', 'partitions'].includes(name))
      throw new TypeError(`a Kafka URL has sasl, ca and partitions behind its "?", not "${name}"`);
  const brokers = hosts.split(',').map((host) => checkedBroker(host));
  const tls = scheme === 'kafkas';
  const ca = parameters.get('ca');
  if (ca !== null && !tls) throw new TypeError('ca= in a Kafka URL is for kafkas://');
  const sasl = saslOf(credentials, parameters.get('sasl'), tls);
  const partitions = parameters.get('partitions');
  return {
    brokers,
    ...(tls ? { tls: ca === null ? {} : { ca: readFileSync(ca, 'utf8') } } : {}),
    ...(sasl === undefined ? {} : { sasl }),
    ...(partitions === null ? {} : { partitions: wholeNumber(partitions) }),
  };
}

function saslOf(credentials: string | undefined, mechanism: string | null, tls: boolean): KafkaAddress['sasl'] {
  if (credentials === undefined && mechanism === null) return undefined;
  if (credentials === undefined) throw new TypeError(`sasl=${mechanism} in a Kafka URL needs user:password@`);
  const known = mechanisms.find((one) => one === mechanism);
  if (known === undefined)
    throw new TypeError(`a Kafka URL with a user needs sasl=${mechanisms.join('|')}, got ${mechanism ?? 'none'}`);
  if (known === 'plain' && !tls) throw new TypeError('sasl=plain sends the password as it is: use kafkas://');
  const [username = '', password = ''] = credentials.split(':').map((part) => decodeURIComponent(part));
  return { mechanism: known, username, password };
}

function checkedBroker(host: string): string {
  const port = Number(/:(\d{1,5})$/.exec(host)?.[1]);
  if (!(port >= 1 && port <= 65_535) || isIP(host) === 6)
    throw new TypeError(`a Kafka broker is named by host:port, got "${host}"`);
  return host;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new TypeError(`partitions in a Kafka URL must be 1 to 1000, got "${text}"`);
  return value;
}
