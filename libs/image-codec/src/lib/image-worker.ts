import { parentPort } from 'node:worker_threads';
import { answerTo, type ImageJob } from './image-decoder.ts';

/** The main of an `ImageThread`: one image at a time. */
parentPort?.on('message', (job: ImageJob) => {
  void answerTo(job).then((answer) =>
    parentPort?.postMessage(answer, 'pixels' in answer ? [answer.pixels.buffer] : []),
  );
});
