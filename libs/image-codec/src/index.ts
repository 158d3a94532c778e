export { BadImage, decodeRgb } from './lib/decode-rgb.ts';
