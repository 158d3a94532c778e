/** An error as one thread tells it another: what a log says of it, and what tells a full disk. */
export interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly path: string | undefined;
  readonly cause: ToldError | undefined;
}

/** What was thrown somewhere, in words that a thread can hand over. */
export function tellError(thrown: unknown): ToldError {
  const error: NodeJS.ErrnoException = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack, code, path, cause } = error;
  return { name, message, stack, code, path, cause: cause === undefined ? undefined : tellError(cause) };
}

/** The error again, of no class but `Error`. */
export function errorOf({ name, message, stack, code, path, cause }: ToldError): Error {
  const error = cause === undefined ? new Error(message) : new Error(message, { cause: errorOf(cause) });
  return Object.assign(error, { name, stack }, code !== undefined && { code }, path !== undefined && { path });
}
