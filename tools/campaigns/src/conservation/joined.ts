import { credentials } from '@grpc/grpc-js';
import { feedback } from '@adstocrat/schemas';
import type { Ground } from '../ground/ground.ts';
import { authorised, models } from './first-models.ts';

/** Feedback's own totals, over all models. */
export interface Joined {
  /** Each once, however often it was published. */
  readonly predictions: number;
  readonly labelled: number;
  readonly clicks: number;
  /** Events of clicks, of all models and of none. */
  readonly clicksTaken: number;
  /** What became of the clicks and predictions, for people. */
  readonly words: string;
}

const deadlineMs = 10_000;

/** What feedback says it has joined, asked of one of its instances. Undefined where none answers. */
export async function joined(ground: Ground): Promise<Joined | undefined> {
  for (const { address } of ground.of('feedback')) {
    const client = new feedback.FeedbackServiceClient(address, credentials.createInsecure());
    try {
      const answers = await Promise.all(models.map((model) => totalsOf(client, ground, model)));
      const sum = (of: (one: feedback.GetMonitorsResponse) => number): number =>
        answers.reduce((total, one) => total + of(one), 0);
      return {
        predictions: sum((one) => one.predictions - count(one, 'repeated')),
        labelled: sum((one) => one.labelled),
        clicks: sum((one) => one.clicks),
        // Said in every model's answer.
        clicksTaken: Math.max(...answers.map((one) => count(one, 'click.taken'))),
        words: answers
          .map(
            ({ counts }, index) =>
              `${models[index] ?? ''}: ${counts.map((one) => `${one.count} ${one.name}`).join(', ')}`,
          )
          .join('; '),
      };
    } catch {
      // Down, or the database is: the next one, the next time.
    } finally {
      client.close();
    }
  }
  return undefined;
}

function count({ counts }: feedback.GetMonitorsResponse, name: string): number {
  return counts.find((one) => one.name === name)?.count ?? 0;
}

function totalsOf(
  client: feedback.FeedbackServiceClient,
  ground: Ground,
  model: string,
): Promise<feedback.GetMonitorsResponse> {
  return new Promise((answered, failed) => {
    client.getMonitors({ model }, authorised(ground), { deadline: Date.now() + deadlineMs }, (error, response) => {
      if (error === null) answered(response);
      else failed(error);
    });
  });
}
