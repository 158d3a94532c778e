/** Work that may take long, in steps of about a millisecond: whoever has others waiting lets them have their turn in between. */
export type Steps<T> = Generator<void, T, void>;

/** All steps, one right after the other. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** All steps, with a pause between any two. */
export async function finishWithPauses<T>(steps: Steps<T>, pause: () => Promise<unknown>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause();
  }
}

/** Texts that are indexed in one step. */
const stepTexts = 4096;

/** Text → what belongs to its place among the texts; of one that stands there twice, its last place. */
export function* indexTexts<T>(texts: readonly string[], of: (place: number) => T): Steps<Map<string, T>> {
  const index = new Map<string, T>();
  for (const [place, text] of texts.entries()) {
    index.set(text, of(place));
    if (place % stepTexts === stepTexts - 1) yield;
  }
  return index;
}
