export { BadImage, decodeRgb, ofPixels, pixelCount } from './lib/decode-rgb.ts';
export { type ImageAsk, ImagePool, ImagePoolFull, type ImageTurn } from './lib/image-pool.ts';
export type { ImagePoolOptions } from './lib/image-pool.ts';
export { sharedImagePool } from './lib/sized-image-pool.ts';
