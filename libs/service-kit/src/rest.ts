export { allowOrigins, originsIn } from './lib/allow-origins.ts';
export type { AllowedOrigins } from './lib/allow-origins.ts';
export { RestServer } from './lib/rest-server.ts';
export type { RestServerOptions } from './lib/rest-server.ts';
