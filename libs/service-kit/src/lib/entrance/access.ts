import { timingSafeEqual } from 'node:crypto';
import type { Logger } from '../logger.ts';
import type { ServiceConfig } from '../service-environment.ts';
import { AccessRefused } from './access-refused.ts';
import { type CallScope, openable, scopes } from './scope.ts';
import { digestOf, type KnownToken, parseTokens } from './token-file.ts';
import { WatchedFiles } from './watched-files.ts';

export type AccessConfig = Pick<ServiceConfig, 'TOKENS_FILE' | 'SERVICE_TOKEN' | 'OPEN_SCOPES'>;

/** The name that the token of the system's own services has. */
const service = 'service';

/** Who may call what, by the bearer tokens of `TOKENS_FILE` and `SERVICE_TOKEN`. */
export class Access {
  /** Absent: there is no file of tokens. */
  readonly files: WatchedFiles<readonly KnownToken[]> | undefined;
  readonly #service: KnownToken | undefined;
  readonly #open: ReadonlySet<CallScope>;

  /** Throws `WrongSetting` that names the variable at fault. */
  constructor({ TOKENS_FILE: file, SERVICE_TOKEN: token, OPEN_SCOPES: open }: AccessConfig, logger: Logger) {
    if (token !== undefined) this.#service = { name: service, scopes: new Set(scopes), digest: digestOf(token) };
    if (file !== undefined)
      this.files = new WatchedFiles({
        files: { TOKENS_FILE: file },
        read: (bytes) => parseTokens(String(bytes.get('TOKENS_FILE')), 'TOKENS_FILE'),
        ownerOnly: true,
        logger,
      });
    const usual = file !== undefined ? [] : token !== undefined ? open.besideServiceToken : openable;
    this.#open = new Set<CallScope>(['health', ...(open.chosen ?? usual)]);
  }

  /** Whether anyone may make calls that need this. */
  isOpen(scope: CallScope): boolean {
    return this.#open.has(scope);
  }

  /**
   * The name of the caller's token; undefined for one without, where that is enough. `authorization`: as it came. `what` names the
   * call. Throws {@link AccessRefused}.
   */
  admit(authorization: string | undefined, scope: CallScope, what: string): string | undefined {
    const token = authorization === undefined ? undefined : this.#find(authorization);
    if (scope === 'health' || scope === 'signed' || this.isOpen(scope)) return token?.name;
    const needed = scope === 'metrics' ? 'read' : scope;
    if (token === undefined)
      throw AccessRefused.unauthenticated(
        `${what} needs a token with the scope "${needed}": send "authorization: Bearer TOKEN", one that "npx adstocrat token" has made or what SERVICE_TOKEN was set to (the command keeps it in the file "token" of its home)`,
        authorization !== undefined,
      );
    if (!token.scopes.has(needed))
      throw AccessRefused.permissionDenied(
        `${what} needs the scope "${needed}", which the token "${token.name}" does not have`,
        needed,
      );
    return token.name;
  }

  /** Compares with every token, whichever it is: how long it takes says nothing. */
  #find(authorization: string): KnownToken | undefined {
    const [, text = ''] = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
    const digest = digestOf(text);
    let found: KnownToken | undefined;
    for (const known of this.#all()) if (timingSafeEqual(known.digest, digest)) found = known;
    return found;
  }

  *#all(): Iterable<KnownToken> {
    if (this.#service !== undefined) yield this.#service;
    yield* this.files?.value ?? [];
  }
}
