import { isIPv4 } from 'node:net';
import type { ServiceConfig } from '../service-environment.ts';
import type { Access } from './access.ts';
import { scopes } from './scope.ts';
import type { ServerTls } from './server-tls.ts';
import { WrongSetting } from './wrong-setting.ts';

/**
 * Other machines reach what does not listen on the loopback alone: throws {@link WrongSetting} where any of them could call then, by
 * oversight. Certificates of clients, tokens for every scope, or `ALLOW_ANYONE=1` say that it is meant.
 */
export function refuseStrangers(
  { HOST: host, ALLOW_ANYONE: allowed }: Pick<ServiceConfig, 'HOST' | 'ALLOW_ANYONE'>,
  access: Access,
  tls: ServerTls | undefined,
): void {
  if (isLoopback(host) || allowed || tls?.mutual === true) return;
  const open = scopes.filter((scope) => access.isOpen(scope));
  if (open.length === 0) return;
  throw new WrongSetting(
    'HOST',
    `on ${host} anyone who reaches this machine could ${open.join(', ')}: set TOKENS_FILE (npx adstocrat token makes tokens) and leave these out of OPEN_SCOPES, or TLS_CLIENT_CA, or ALLOW_ANYONE=1 where that is meant, or listen on 127.0.0.1`,
  );
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
