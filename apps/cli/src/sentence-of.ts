import { WrongSetting } from '@adstocrat/service-kit';

/** Errors of the system or of a dependency that say themselves what is wrong; undefined for any other, whose stack is wanted. */
export function sentenceOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return error.errors.map(sentenceOf).find((words) => words !== undefined);
  if (error instanceof WrongSetting) return `adstocrat: ${error.variable}: ${error.message}`;
  const { code, syscall, path, message } = error as NodeJS.ErrnoException;
  const { details } = error as { readonly details?: unknown };
  if (typeof code === 'number' && typeof details === 'string') return `adstocrat: a service answers: ${details}`;
  if (/^Connection terminated/.test(message)) return `adstocrat: the database does not answer: ${message}`;
  if (code === undefined) return undefined;
  if (syscall === 'connect' || code === 'ECONNRESET') return `adstocrat: the database does not answer: ${message}`;
  // A SQLSTATE: what PostgreSQL itself answered.
  if (/^[0-9A-Z]{5}$/.test(code)) return `adstocrat: the database refused: ${message}`;
  if (code in diskWords && path !== undefined) return `adstocrat: cannot use ${path}: ${diskWords[code] ?? message}`;
  return code in diskWords ? `adstocrat: ${diskWords[code] ?? message}` : undefined;
}

const diskWords: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this account is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'this account may not read or write there',
  EPERM: 'this account may not read or write there',
  EMFILE: 'too many files are open',
};
