import { createHash, timingSafeEqual } from 'node:crypto';

/** Tells whether an authorization, `Bearer TOKEN`, holds this token. It takes one time, whatever came. */
export function bearerCheck(token: string): (authorization: string | undefined) => boolean {
  const wanted = digest(`Bearer ${token}`);
  // Digests have one length.
  return (authorization = '') => timingSafeEqual(digest(authorization), wanted);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
