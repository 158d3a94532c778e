export { BadImage, decodeRgb, ofPixels, pixelCount } from './lib/decode-rgb.ts';
export { type ImageAsk, ImagePool, ImagePoolFull, type ImageTurn, sharedImagePool } from './lib/image-pool.ts';
export type { ImagePoolOptions } from './lib/image-pool.ts';
