import { parentPort } from 'node:worker_threads';
import { areaResize } from '@adstocrat/transforms';
import { BadImage, ofPixels } from './decode-rgb.ts';

/** One image of an {@link ImagePool}. */
export interface ImageJob {
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** Its pixels, or why there are none: `bad` where the image is at fault. */
export type ImageAnswer =
  { readonly pixels: Uint8Array<ArrayBuffer> } | { readonly error: string; readonly bad: boolean };

/** The main of a worker thread: one image at a time, decoded and brought to its size. */
parentPort?.on('message', ({ bytes, size }: ImageJob) => {
  ofPixels(bytes, (image) => areaResize(image, size) as Uint8Array<ArrayBuffer>).then(
    (pixels) => parentPort?.postMessage({ pixels } satisfies ImageAnswer, [pixels.buffer]),
    (error: unknown) =>
      parentPort?.postMessage({
        error: (error as Error).message,
        bad: error instanceof BadImage,
      } satisfies ImageAnswer),
  );
});
