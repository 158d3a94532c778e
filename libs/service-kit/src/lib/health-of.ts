/** A health check that asks each dependency: true where it answers, false where asking throws. */
export function healthOf(
  dependencies: Readonly<Record<string, () => Promise<unknown>>>,
): () => Promise<Readonly<Record<string, boolean>>> {
  return async () =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(dependencies).map(async ([name, ask]): Promise<readonly [string, boolean]> => {
          try {
            await ask();
            return [name, true];
          } catch {
            return [name, false];
          }
        }),
      ),
    );
}
