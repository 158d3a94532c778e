/** Bytes outside of its heap that make V8 collect its old objects, once so many have come since it last did. */
const muchBytes = 64 << 20;

/**
 * Has V8 begin to collect its old objects, in steps and mostly beside the thread that calls. By itself it waits until they are about twice as
 * many. Takes no memory: nobody writes to what is asked for.
 */
export function collectOldObjects(): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(muchBytes + 1);
  } catch {
    // Addresses are bounded, and V8 collects when it must.
    return undefined;
  }
}
