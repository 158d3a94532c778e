/** Codes of a disk that takes no more, of an account's share of it, and of the largest file that a process may write. */
const codes: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** As engines beneath say it, in whose errors there is no code. */
const words = /no space left on device|disk quota exceeded|file too large/i;

/** What a person should know of an error whose cause is a full disk: which, and what to do. Undefined for any other error. */
export function diskFull(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, path, message } = cause as NodeJS.ErrnoException;
    if (!codes.has(code) && !words.test(message)) continue;
    const where = path === undefined ? '' : ` (at ${path})`;
    return `a disk is full${where}: free some of it, or have WORK_DIR or ARTIFACTS_URL on a larger one, and ask again; nothing was recorded of this step (${message})`;
  }
  return undefined;
}
