import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A user of the listener with TLS. */
export interface KafkaUser {
  readonly name: string;
  readonly password: string;
}

const storePassword = 'of-a-store-for-tests';

/** Makes a certificate for 127.0.0.1, its own authority, where there is none. Resolves with the PEM file that clients trust. */
export async function makeCertificate(dir: string): Promise<string> {
  const [store, ca] = [keyStore(dir), join(dir, 'ca.pem')];
  if (existsSync(ca)) return ca;
  const access = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', storePassword, '-alias', 'broker'];
  const names = ['-dname', 'CN=localhost', '-ext', 'SAN=ip:127.0.0.1,dns:localhost', '-ext', 'BC=ca:true'];
  const key = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '30'];
  await promisify(execFile)('keytool', ['-genkeypair', ...access, ...key, ...names]);
  const { stdout } = await promisify(execFile)('keytool', ['-exportcert', '-rfc', ...access]);
  writeFileSync(ca, stdout);
  return ca;
}

/** Settings of the listener SECURE: TLS, and every kind of SASL that a password can be shown with. */
export function secureSettings(dir: string, { name, password }: KafkaUser): Readonly<Record<string, string>> {
  const listener = 'listener.name.secure';
  const login = (module: string, rest = ''): string => `org.apache.kafka.common.security.${module} required${rest};`;
  return {
    [`${listener}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    [`${listener}.plain.sasl.jaas.config`]: login('plain.PlainLoginModule', ` user_${name}="${password}"`),
    [`${listener}.scram-sha-256.sasl.jaas.config`]: login('scram.ScramLoginModule'),
    [`${listener}.scram-sha-512.sasl.jaas.config`]: login('scram.ScramLoginModule'),
    [`${listener}.ssl.keystore.location`]: keyStore(dir),
    [`${listener}.ssl.keystore.type`]: 'PKCS12',
    [`${listener}.ssl.keystore.password`]: storePassword,
    [`${listener}.ssl.key.password`]: storePassword,
  };
}

/** For `StorageTool format`: the user's SCRAM credentials lie in the metadata log. */
export const scramCredentials = ({ name, password }: KafkaUser): readonly string[] =>
  ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((kind) => ['--add-scram', `${kind}=[name=${name},password=${password}]`]);

const keyStore = (dir: string): string => join(dir, 'broker.p12');
