import type { experimental } from '@grpc/grpc-js';
import type { PemIdentity } from './pem-files.ts';
import type { WatchedFiles } from './watched-files.ts';

/** What one side of a connection has: who it is, and whom it trusts. */
export interface TlsFiles {
  readonly identity?: PemIdentity;
  readonly ca?: Buffer;
}

/** Tells grpc-js the certificates of files, and again whenever these change: connections that are open stay as they are. */
export function certificateProvider(files: WatchedFiles<TlsFiles>): experimental.CertificateProvider {
  const told = new Map<unknown, (value: TlsFiles) => void>();
  const add = <U>(listener: (update: U | null) => void, update: (value: TlsFiles) => U | null): void => {
    const tell = (value: TlsFiles): void => listener(update(value));
    told.set(listener, tell);
    files.listen(tell);
    // Not before whoever listens is there.
    process.nextTick(() => tell(files.value));
  };
  const remove = (listener: unknown): void => {
    const tell = told.get(listener);
    if (tell !== undefined) files.unlisten(tell);
    told.delete(listener);
  };
  return {
    addCaCertificateListener: (listener) =>
      add(listener, ({ ca }) => (ca === undefined ? null : { caCertificate: ca })),
    removeCaCertificateListener: remove,
    addIdentityCertificateListener: (listener) =>
      add(listener, ({ identity }) =>
        identity === undefined ? null : { certificate: identity.cert, privateKey: identity.key },
      ),
    removeIdentityCertificateListener: remove,
  };
}
