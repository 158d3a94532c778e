import { credentials } from '@grpc/grpc-js';
import { feedback } from '@adstocrat/schemas';
import type { Ground } from '../ground/ground.ts';
import { authorised, models } from './first-models.ts';

/** Feedback's own totals, over all models. */
export interface Joined {
  readonly predictions: number;
  readonly labelled: number;
  readonly clicks: number;
}

const deadlineMs = 10_000;

/** What feedback says it has joined, asked of one of its instances. Undefined where none answers. */
export async function joined(ground: Ground): Promise<Joined | undefined> {
  for (const { address } of ground.of('feedback')) {
    const client = new feedback.FeedbackServiceClient(address, credentials.createInsecure());
    try {
      const totals = await Promise.all(models.map((model) => totalsOf(client, ground, model)));
      return totals.reduce((sum, one) => ({
        predictions: sum.predictions + one.predictions,
        labelled: sum.labelled + one.labelled,
        clicks: sum.clicks + one.clicks,
      }));
    } catch {
      // Down, or the database is: the next one, the next time.
    } finally {
      client.close();
    }
  }
  return undefined;
}

function totalsOf(client: feedback.FeedbackServiceClient, ground: Ground, model: string): Promise<Joined> {
  return new Promise((answered, failed) => {
    client.getMonitors({ model }, authorised(ground), { deadline: Date.now() + deadlineMs }, (error, response) => {
      if (error === null) answered(response);
      else failed(error);
    });
  });
}
