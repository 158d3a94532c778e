/** What TensorFlow says where it gets no memory, and what JavaScript says. */
const saying = /OOM when allocating|RESOURCE_EXHAUSTED|out of memory|Array buffer allocation failed/i;

/** Whether the error says that there was no memory for what was asked: less at once may go well. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && saying.test(error.message);
}
