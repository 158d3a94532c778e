import { areaResize } from '@adstocrat/transforms';
import { BadImage, ofPixels } from './decode-rgb.ts';

/** One image, and the side that it is brought to. */
export interface ImageJob {
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** Where images of an `ImagePool` are decoded: one at a time. */
export interface ImageDecoder {
  /** It may take long where the machine is busy: who needs an image in it no more does not wait for its end. */
  readonly lowPriority: boolean;
  /** RGB bytes [size, size, 3]. Rejects with {@link BadImage}, and with why it ended; what comes next begins it anew. */
  resize(job: ImageJob): Promise<Uint8Array>;
}

/** What a thread or a process says of an image: its pixels, or why there are none: `bad` where the image is at fault. */
export type ImageAnswer =
  { readonly pixels: Uint8Array<ArrayBuffer> } | { readonly error: string; readonly bad: boolean };

/** Decodes an image and averages it down, in the thread that decodes. Never rejects. */
export async function answerTo({ bytes, size }: ImageJob): Promise<ImageAnswer> {
  try {
    return { pixels: await ofPixels(bytes, (image) => areaResize(image, size) as Uint8Array<ArrayBuffer>) };
  } catch (error) {
    return { error: (error as Error).message, bad: error instanceof BadImage };
  }
}

/** Throws what kept an image from being decoded. */
export function pixelsOf(answer: ImageAnswer): Uint8Array {
  if ('pixels' in answer) return answer.pixels;
  throw answer.bad ? new BadImage(answer.error) : new Error(answer.error);
}
