import { InvalidRequest } from './service-error.ts';

const mostBytes = 256;

/**
 * A name that a stranger gave in a request's field, as it is: 1 to 256 bytes of UTF-8 without control characters. Throws an
 * {@link InvalidRequest} that names the field for anything else: no store ever sees it.
 */
export function plainName(field: string, name: string): string {
  const bytes = Buffer.byteLength(name);
  if (bytes < 1 || bytes > mostBytes || !name.isWellFormed() || /\p{Cc}/u.test(name))
    throw new InvalidRequest(
      `${field} must have 1 to ${mostBytes} bytes and no control characters, got ${bytes} bytes`,
    );
  return name;
}
