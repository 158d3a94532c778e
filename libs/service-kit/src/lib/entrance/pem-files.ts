import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { WrongSetting } from './wrong-setting.ts';

/** PEM, as TLS takes it. A certificate may have its intermediates behind it. */
export interface PemIdentity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Names of the two variables whose files hold an identity. */
export interface IdentityVariables {
  readonly cert: string;
  readonly key: string;
}

/** A certificate and its key. Throws {@link WrongSetting} that names the file's variable where it is none, or they are no pair. */
export function identityOf(bytes: ReadonlyMap<string, Buffer>, variables: IdentityVariables): PemIdentity {
  const cert = bytes.get(variables.cert) ?? Buffer.alloc(0);
  const key = bytes.get(variables.key) ?? Buffer.alloc(0);
  const [certificate] = certificatesIn(cert, variables.cert);
  let secret: KeyObject;
  try {
    secret = createPrivateKey(key);
  } catch (error) {
    throw new WrongSetting(variables.key, 'the file holds no private key in PEM without a passphrase', {
      cause: error,
    });
  }
  if (certificate?.checkPrivateKey(secret) !== true)
    throw new WrongSetting(
      variables.key,
      `the file holds another key than that of the certificate in ${variables.cert}`,
    );
  return { cert, key };
}

/** The certificates of a PEM file, at least one. Throws {@link WrongSetting} where it holds none, or what is none. */
export function certificatesIn(pem: Buffer, variable: string): readonly X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new WrongSetting(variable, 'the file holds no certificate in PEM');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new WrongSetting(variable, `certificate ${index + 1} of the file is damaged`, { cause: error });
    }
  });
}
