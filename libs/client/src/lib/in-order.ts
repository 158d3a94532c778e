/**
 * Asks for every item as it comes, at most `inFlight` at once, and gives the answers in the items' order, each as soon as it and those before
 * it are there. No item is taken that cannot be asked for. Where the loop is left, or the items or an answer fail, the signal of the others
 * aborts. Throws a `RangeError` for fewer than one in flight.
 */
export async function* inOrder<T, A>(
  items: AsyncIterable<T> | Iterable<T>,
  inFlight: number,
  ask: (item: T, signal: AbortSignal) => Promise<A>,
): AsyncGenerator<A> {
  if (!(inFlight >= 1)) throw new RangeError(`at least one must be in flight, got ${inFlight}`);
  const left = new AbortController();
  const iterator = iteratorOf(items);
  const asked: Promise<A>[] = [];
  let coming: Promise<IteratorResult<T>> | undefined;
  let ended = false;
  try {
    for (;;) {
      if (!ended && asked.length < inFlight) coming ??= iterator.next();
      const [first] = asked;
      if (first === undefined && coming === undefined) return;
      const next = await Promise.race([
        ...(first === undefined ? [] : [first.then((answer) => ({ answer }))]),
        ...(coming === undefined ? [] : [coming.then((item) => ({ item }))]),
      ]);
      if ('answer' in next) {
        asked.shift();
        yield next.answer;
        continue;
      }
      coming = undefined;
      if (next.item.done === true) ended = true;
      else asked.push(handled(ask(next.item.value, left.signal)));
    }
  } finally {
    left.abort();
    if (!ended) void iterator.return?.();
  }
}

/** One that fails before it is waited for is nobody's unhandled rejection: its turn comes. */
function handled<A>(answer: Promise<A>): Promise<A> {
  answer.catch(() => undefined);
  return answer;
}

function iteratorOf<T>(items: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> {
  if (Symbol.asyncIterator in items) return items[Symbol.asyncIterator]();
  const iterator = items[Symbol.iterator]();
  return {
    next: () => Promise.resolve(iterator.next()),
    return: () => Promise.resolve(iterator.return?.() ?? { done: true, value: undefined }),
  };
}
