import { isIPv4 } from 'node:net';
import type { ServiceConfig } from '../service-environment.ts';
import type { Access } from './access.ts';
import { type Scope, scopes } from './scope.ts';
import type { ServerTls } from './server-tls.ts';
import { WrongSetting } from './wrong-setting.ts';

/**
 * Other machines reach what does not listen on the loopback alone: throws {@link WrongSetting} where any of them could call then, by
 * oversight. Certificates of clients, tokens for every scope, or `ALLOW_ANYONE=1` say that it is meant.
 */
export function refuseStrangers(
  config: Pick<ServiceConfig, 'HOST' | 'ADMIN_HOST' | 'ADMIN_PORT' | 'ALLOW_ANYONE'>,
  access: Access,
  tls: ServerTls | undefined,
): void {
  if (config.ALLOW_ANYONE || tls?.mutual === true) return;
  const open = scopes.filter((scope) => access.isOpen(scope));
  const hasOwnPort = config.ADMIN_PORT !== undefined;
  refuse('HOST', config.HOST, hasOwnPort ? open.filter((scope) => scope !== 'administer') : open);
  if (hasOwnPort) refuse('ADMIN_HOST', config.ADMIN_HOST, open);
}

function refuse(variable: string, host: string, open: readonly Scope[]): void {
  if (isLoopback(host) || open.length === 0) return;
  throw new WrongSetting(
    variable,
    `on ${host} anyone who reaches this machine could ${open.join(', ')}: set TOKENS_FILE (npx adstocrat token makes tokens) and leave these out of OPEN_SCOPES, or TLS_CLIENT_CA, or ALLOW_ANYONE=1 where that is meant, or listen on 127.0.0.1`,
  );
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
