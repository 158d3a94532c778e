import { ClientTls, type ClientTlsConfig, WrongSetting } from '@adstocrat/service-kit';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { ExitError } from '../exit-error.ts';

/** PEM files with which commands reach services that speak TLS; empty where these speak none. */
export type TlsFiles = Readonly<ClientTlsConfig>;

/** As the environment has them, for the services that this command starts with the same environment. Throws {@link ExitError}. */
export function tlsFilesIn(environment: NodeJS.ProcessEnv): TlsFiles {
  const { TLS_CERT, TLS_CA, TLS_CLIENT_CERT, TLS_CLIENT_KEY } = environment;
  if ((TLS_CERT === undefined) !== (TLS_CA === undefined))
    throw new ExitError(
      2,
      'TLS_CERT and TLS_CA: the services that a command starts speak TLS with the one, and it trusts them by the other. Set both, or neither.',
    );
  return { TLS_CA, TLS_CLIENT_CERT, TLS_CLIENT_KEY };
}

/** Opens them, and follows their changes while the command runs. Throws {@link ExitError} that names the variable at fault. */
export function openTls(files: TlsFiles): ClientTls {
  try {
    const tls = new ClientTls(files, createLogger({ service: 'command', level: 'silent' }));
    void tls.start();
    return tls;
  } catch (error) {
    if (!(error instanceof WrongSetting)) throw error;
    throw new ExitError(2, `${error.variable}: ${error.message}`, { cause: error });
  }
}
