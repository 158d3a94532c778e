import { ServiceFailure } from '../service-error.ts';
import { statusCode } from '../status-code.ts';
import type { Scope } from './scope.ts';

/** A call came without the token that it needs. */
export class AccessRefused extends ServiceFailure {
  /** What HTTP says of it in `WWW-Authenticate` (RFC 6750, section 3). */
  readonly challenge: string;

  private constructor(code: ServiceFailure['code'], message: string, challenge: string) {
    super(code, message);
    this.challenge = `Bearer realm="adstocrat"${challenge}`;
  }

  /** There is no token, or one that is not known. */
  static unauthenticated(message: string, given: boolean): AccessRefused {
    return new AccessRefused(statusCode.unauthenticated, message, given ? ', error="invalid_token"' : '');
  }

  /** The token does not let its bearer do this. */
  static permissionDenied(message: string, scope: Scope): AccessRefused {
    return new AccessRefused(statusCode.permissionDenied, message, `, error="insufficient_scope", scope="${scope}"`);
  }
}
