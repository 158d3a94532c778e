/** Wall milliseconds within which versions that go are collected together. */
const togetherMs = 3000;

/** Bytes outside of its heap that make V8 collect its old objects, once so many have come since it last did. */
const muchBytes = 64 << 20;

let due: NodeJS.Timeout | undefined;

/**
 * Has V8 collect its old objects soon, in steps and mostly beside the thread that answers. By itself it waits until they are twice as many:
 * so long what a version held would stay, and what answers leave behind come on top.
 */
export function collectSoon(): void {
  due ??= setTimeout(() => {
    due = undefined;
    sayMuchCame();
  }, togetherMs).unref();
}

/** Takes no memory: nobody writes to it. */
function sayMuchCame(): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(muchBytes + 1);
  } catch {
    // Addresses are bounded, and V8 collects when it must.
    return undefined;
  }
}
