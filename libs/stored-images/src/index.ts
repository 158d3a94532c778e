export { packUri } from './lib/pack-uri.ts';
export { StoredImages } from './lib/stored-images.ts';
