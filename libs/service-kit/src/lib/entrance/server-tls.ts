import type { ServerOptions } from 'node:https';
import type { Server as TlsServer } from 'node:tls';
import type { Logger } from '../logger.ts';
import type { ServiceConfig } from '../service-environment.ts';
import type { TlsFiles } from './certificate-provider.ts';
import { certificatesIn, identityOf } from './pem-files.ts';
import { WatchedFiles } from './watched-files.ts';
import { WrongSetting } from './wrong-setting.ts';

export type ServerTlsConfig = Pick<ServiceConfig, 'TLS_CERT' | 'TLS_KEY' | 'TLS_CLIENT_CA'>;

/** How a service's listeners speak TLS: whose certificate they show, and whose they demand. */
export class ServerTls {
  readonly files: WatchedFiles<TlsFiles>;
  /** Whether clients need a certificate. */
  readonly mutual: boolean;

  private constructor(files: WatchedFiles<TlsFiles>, mutual: boolean) {
    this.files = files;
    this.mutual = mutual;
  }

  /** Undefined where TLS is not asked for. Throws {@link WrongSetting} that names the variable at fault. */
  static from(config: ServerTlsConfig, logger: Logger): ServerTls | undefined {
    const { TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: ca } = config;
    if (cert === undefined && key === undefined && ca === undefined) return undefined;
    if (cert === undefined)
      throw new WrongSetting('TLS_CERT', `is needed with ${key === undefined ? 'TLS_CLIENT_CA' : 'TLS_KEY'}`);
    if (key === undefined) throw new WrongSetting('TLS_KEY', 'is needed with TLS_CERT');
    const files = new WatchedFiles<TlsFiles>({
      files: ca === undefined ? { TLS_CERT: cert, TLS_KEY: key } : { TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: ca },
      read: (bytes) => {
        const identity = identityOf(bytes, { cert: 'TLS_CERT', key: 'TLS_KEY' });
        const trusted = bytes.get('TLS_CLIENT_CA');
        if (trusted === undefined) return { identity };
        certificatesIn(trusted, 'TLS_CLIENT_CA');
        return { identity, ca: trusted };
      },
      logger,
    });
    return new ServerTls(files, ca !== undefined);
  }

  options(): ServerOptions {
    return { ...contextOf(this.files.value), requestCert: this.mutual, rejectUnauthorized: this.mutual };
  }

  /** Connections that a server takes from now on are made with the files as they are then. */
  follow(server: TlsServer): void {
    const renew = (files: TlsFiles): void => server.setSecureContext(contextOf(files));
    this.files.listen(renew);
    server.once('close', () => this.files.unlisten(renew));
  }
}

function contextOf({ identity, ca }: TlsFiles): Pick<ServerOptions, 'cert' | 'key' | 'ca'> {
  const { cert, key } = identity ?? {};
  return { cert, key, ca };
}
