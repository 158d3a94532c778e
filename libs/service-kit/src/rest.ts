export { RestServer } from './lib/rest-server.ts';
export type { RestServerOptions } from './lib/rest-server.ts';
