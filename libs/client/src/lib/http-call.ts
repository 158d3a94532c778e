import { ClientError, type ClientErrorCode } from './client-error.ts';
import type { Rotation } from './rotation.ts';

const codes: Readonly<Record<number, ClientErrorCode>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  413: 'RESOURCE_EXHAUSTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/**
 * POSTs JSON to the next address, and reads JSON. Throws {@link ClientError}: UNAVAILABLE where nobody answers there, else what the status
 * says, with the server's words.
 */
export async function post(
  addresses: Rotation,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<unknown> {
  const address = addresses.next();
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal,
    });
    text = await response.text();
  } catch (error) {
    if (!signal.aborted) addresses.failed(address);
    throw new ClientError('UNAVAILABLE', `${address} does not answer: ${(error as Error).message}`, { cause: error });
  }
  const code = response.ok ? undefined : (codes[response.status] ?? 'INTERNAL');
  if (code === 'UNAVAILABLE') addresses.failed(address);
  else addresses.succeeded(address);
  if (code !== undefined) throw new ClientError(code, errorIn(text) ?? `${address} answered ${response.status}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ClientError('INTERNAL', `${address} answered what is no JSON`, { cause: error });
  }
}

/** The text of `{"error": "…"}`. */
function errorIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { readonly error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
