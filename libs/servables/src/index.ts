export type { ServableManifest, WarmUp } from './lib/servable-manifest.ts';
