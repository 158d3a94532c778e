export { GrpcServer } from './lib/grpc-server.ts';
export type { GrpcServerOptions } from './lib/grpc-server.ts';
export { serverStream, unary } from './lib/grpc-handlers.ts';
export type { CallContext } from './lib/grpc-handlers.ts';
