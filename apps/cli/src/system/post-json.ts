import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { ClientTls } from '@adstocrat/service-kit';

const timeoutMs = 10_000;

/** POSTs JSON to a service's REST, over TLS where the services speak it. Rejects where the answer is no 2xx, or does not come within 10 s. */
export async function postJson(url: string, body: unknown, tls: ClientTls): Promise<void> {
  const options = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  };
  const { ca, identity } = tls.present ?? {};
  const sent =
    ca === undefined
      ? request(url, options)
      : secureRequest(url, { ...options, ca, cert: identity?.cert, key: identity?.key });
  sent.end(JSON.stringify(body));
  const response = await answerOf(sent);
  response.resume();
  const { statusCode = 0 } = response;
  if (statusCode < 200 || statusCode > 299) throw new Error(`${url} answered ${statusCode}`);
}

function answerOf(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve).once('error', reject);
  });
}
