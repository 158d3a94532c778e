const answerWithinMs = 2000;

/**
 * A health check that asks each dependency: true where it answers, false where asking throws or takes longer than 2 s: a
 * dependency that hangs is away.
 */
export function healthOf(
  dependencies: Readonly<Record<string, () => Promise<unknown>>>,
): () => Promise<Readonly<Record<string, boolean>>> {
  return async () =>
    Object.fromEntries(
      await Promise.all(Object.entries(dependencies).map(async ([name, ask]) => [name, await answers(ask)] as const)),
    );
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, answerWithinMs);
  });
  try {
    return await Promise.race([ask().then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
