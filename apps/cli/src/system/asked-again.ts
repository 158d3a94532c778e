import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';

/**
 * Asks again where the server went away: its connection was cut, or it is being started again. Prediction ids make that safe, as it is
 * where nothing is logged.
 * What was in flight in a server that was killed is not a failure of the system, an answer that never comes is.
 */
export async function askedAgain<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if ((error as Partial<ServiceError>).code !== status.UNAVAILABLE || attempt === 5) throw error;
      await sleep(200 * attempt);
    }
  }
}
