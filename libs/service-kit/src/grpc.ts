export { GrpcServer, grpcOptions } from './lib/grpc-server.ts';
export type { GrpcServerOptions } from './lib/grpc-server.ts';
export { isServing } from './lib/is-serving.ts';
export { bidirectional, serverStream, unary } from './lib/grpc-handlers.ts';
export type { CallContext } from './lib/grpc-handlers.ts';
