/** What a token may let its bearer do. None implies another. */
export const scopes = ['predict', 'read', 'administer'] as const;
export type Scope = (typeof scopes)[number];

/**
 * What a call needs: a scope; figures for who watches, which `read` covers; nothing of its caller, since what it sends is signed itself;
 * or nothing, since what asks for health has no token.
 */
export type CallScope = Scope | 'metrics' | 'signed' | 'health';

/** What may be left open to anyone. */
export const openable = [...scopes, 'metrics'] as const;
export type Openable = (typeof openable)[number];

/** What each call needs: one table for all services. */
export interface CallScopes {
  /** By path, /package.Service/Method. */
  readonly grpc: Readonly<Record<string, CallScope>>;
  /** By route, /v2/models/:model, or by method and route, "GET /v1/*", where the methods differ. */
  readonly rest: Readonly<Record<string, CallScope>>;
}

/** Which scopes need no token. */
export interface OpenScopes {
  /** As `OPEN_SCOPES` says. */
  readonly chosen: readonly Openable[] | undefined;
  /** Where it says nothing and `SERVICE_TOKEN` is the only token. */
  readonly besideServiceToken: readonly Openable[];
}
