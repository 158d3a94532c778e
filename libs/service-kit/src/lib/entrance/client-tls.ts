import { type ChannelCredentials, credentials, experimental } from '@grpc/grpc-js';
import type { Logger } from '../logger.ts';
import type { Resource } from '../run-service.ts';
import type { ServiceConfig } from '../service-environment.ts';
import { certificateProvider, type TlsFiles } from './certificate-provider.ts';
import { certificatesIn, identityOf } from './pem-files.ts';
import { WatchedFiles } from './watched-files.ts';
import { WrongSetting } from './wrong-setting.ts';

export type ClientTlsConfig = Pick<ServiceConfig, 'TLS_CA' | 'TLS_CLIENT_CERT' | 'TLS_CLIENT_KEY'>;

/** How clients inside the system speak TLS: whom they trust and who they say they are. Without `TLS_CA` they speak none. */
export class ClientTls implements Resource {
  readonly name = 'certificates of clients';
  readonly #files: WatchedFiles<TlsFiles> | undefined;

  /** Throws {@link WrongSetting} that names the variable at fault. */
  constructor(config: ClientTlsConfig, logger: Logger) {
    const files = filesOf(config);
    if (files === undefined) return;
    this.#files = new WatchedFiles<TlsFiles>({
      files,
      read: (bytes) => {
        const ca = bytes.get('TLS_CA') ?? Buffer.alloc(0);
        certificatesIn(ca, 'TLS_CA');
        if (!bytes.has('TLS_CLIENT_CERT')) return { ca };
        return { ca, identity: identityOf(bytes, { cert: 'TLS_CLIENT_CERT', key: 'TLS_CLIENT_KEY' }) };
      },
      logger,
    });
  }

  /** What the files hold now; undefined where no TLS is spoken. */
  get present(): TlsFiles | undefined {
    return this.#files?.value;
  }

  grpcCredentials(): ChannelCredentials {
    const files = this.#files;
    if (files === undefined) return credentials.createInsecure();
    const provider = certificateProvider(files);
    return experimental.createCertificateProviderChannelCredentials(
      provider,
      files.value.identity === undefined ? null : provider,
    );
  }

  start(): Promise<void> {
    this.#files?.watch();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#files?.close();
    return Promise.resolve();
  }
}

function filesOf(config: ClientTlsConfig): Readonly<Record<string, string>> | undefined {
  const { TLS_CA: ca, TLS_CLIENT_CERT: cert, TLS_CLIENT_KEY: key } = config;
  if ((cert === undefined) !== (key === undefined))
    throw new WrongSetting(cert === undefined ? 'TLS_CLIENT_CERT' : 'TLS_CLIENT_KEY', 'both or neither are needed');
  if (ca === undefined) {
    if (cert !== undefined) throw new WrongSetting('TLS_CA', 'is needed with TLS_CLIENT_CERT');
    return undefined;
  }
  if (cert === undefined || key === undefined) return { TLS_CA: ca };
  return { TLS_CA: ca, TLS_CLIENT_CERT: cert, TLS_CLIENT_KEY: key };
}
