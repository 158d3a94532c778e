// A web server that asks a gRPC service: started by the spec with the project's telemetry registered.
import { createServer } from 'node:http';
import * as grpc from '@grpc/grpc-js';
import { feedback } from '@adstocrat/schemas';

const client = new feedback.FeedbackServiceClient(process.argv[2] ?? '', grpc.credentials.createInsecure());
const server = createServer((_request, response) => {
  client.requestRetrain({ model: 'ads', reason: '' }, (error, answer) => {
    response.end(error === null ? answer.retrainId : `failed: ${error.message}`);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as { readonly port: number }).port);
});
