import { collectOldObjects } from '@adstocrat/service-kit';

/** Wall milliseconds within which versions that go are collected together. */
const togetherMs = 3000;

let due: NodeJS.Timeout | undefined;

/**
 * Has V8 collect its old objects soon. By itself it waits until they are twice as many: so long what a version held would stay, and what
 * answers leave behind come on top.
 */
export function collectSoon(): void {
  due ??= setTimeout(() => {
    due = undefined;
    collectOldObjects();
  }, togetherMs).unref();
}
