import { setTimeout as sleep } from 'node:timers/promises';
import type { Pipe } from './pipe.ts';

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
}

/** How often is looked, and how long at most: a bound against what hangs. */
const lookMs = 50;
const patienceMs = 80_000;

/** A page that is open. */
export class Page {
  readonly #pipe: Pipe;
  readonly #session: string;

  constructor(pipe: Pipe, session: string) {
    this.#pipe = pipe;
    this.#session = session;
  }

  /** What an expression, or the promise that it is, comes to in the page: as JSON has it. Throws what it throws. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#send<Evaluated>('Runtime.evaluate', options);
    if (exceptionDetails !== undefined)
      throw new Error(`in the page: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  }

  /** Waits until an expression holds in the page. Throws an error with the page's text where it does not come to that. */
  async until(expression: string): Promise<void> {
    for (const endMs = Date.now() + patienceMs; Date.now() < endMs; await sleep(lookMs))
      if (await this.evaluate(`Boolean(${expression})`)) return;
    throw new Error(`the page never came to ${expression}:\n${String(await this.evaluate('document.body.innerText'))}`);
  }

  /** Presses the mouse on the middle of what a selector finds first, as a person does. */
  async click(selector: string): Promise<void> {
    const found = `document.querySelector(${JSON.stringify(selector)})`;
    await this.until(found);
    const point = (await this.evaluate(`(() => {
      ${found}.scrollIntoView({ block: 'center', behavior: 'instant' });
      const { x, y, width, height } = ${found}.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`)) as object;
    for (const type of ['mousePressed', 'mouseReleased'])
      await this.#send('Input.dispatchMouseEvent', { type, button: 'left', clickCount: 1, ...point });
  }

  #send<T>(method: string, parameters: object): Promise<T> {
    return this.#pipe.send<T>(method, parameters, this.#session);
  }
}
