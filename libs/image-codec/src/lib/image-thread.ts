import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ImageAnswer, type ImageDecoder, type ImageJob, pixelsOf } from './image-decoder.ts';
import { moduleArguments } from './module-arguments.ts';

/** Decodes in a thread, which begins with the first image. Where it ends, the image in it fails. */
export class ImageThread implements ImageDecoder {
  readonly lowPriority = false;
  #worker: Worker | undefined;
  #asked: PromiseWithResolvers<ImageAnswer> | undefined;

  async resize({ bytes, size }: ImageJob): Promise<Uint8Array> {
    const worker = (this.#worker ??= this.#begin());
    this.#asked = Promise.withResolvers();
    worker.ref();
    // A view would be sent with all that it is a view of.
    const own = bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
    worker.postMessage({ bytes: own, size } satisfies ImageJob);
    return pixelsOf(await this.#asked.promise);
  }

  #begin(): Worker {
    // Sources have one extension and what is built of them another.
    const worker = new Worker(new URL(`./image-worker${extname(import.meta.url)}`, import.meta.url), {
      execArgv: moduleArguments(),
    });
    let fault = new Error('the thread that decodes images ended');
    worker.on('message', (answer: ImageAnswer) => {
      // While it is idle it keeps no process alive.
      worker.unref();
      this.#asked?.resolve(answer);
    });
    worker.on('error', (error: Error) => (fault = error));
    worker.on('exit', () => {
      this.#worker = undefined;
      this.#asked?.reject(fault);
    });
    return worker;
  }
}
