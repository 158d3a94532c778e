export { overGrpc } from './lib/over-grpc.ts';
export type { GrpcOptions } from './lib/over-grpc.ts';
