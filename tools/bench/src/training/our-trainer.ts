// Started by training.ts: node our-trainer.ts FOLDER. See TrainerProgram for what it is asked and answers.
import { createInterface } from 'node:readline';
import { ClickModelTrainer } from '@adstocrat/tensorflow';
import { networkOf, readTask } from './training-task.ts';

const task = readTask(process.argv[2] ?? '');
const trainer = new ClickModelTrainer(networkOf(task), task.weights, { seed: task.seed });
const dense = new Float32Array();

for await (const line of createInterface({ input: process.stdin })) {
  const [first = 0, count = 0] = line.split(' ').map(Number);
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  let sum = 0;
  for (let at = first; at < first + count; at += 1) {
    const { rows, fields, learningRate } = task;
    const ids = task.ids.subarray(at * rows * fields, (at + 1) * rows * fields);
    const labels = task.labels.subarray(at * rows, (at + 1) * rows);
    sum += trainer.trainStep({ rows, ids, dense }, labels, { learningRate });
  }
  const { user, system } = process.cpuUsage(cpu);
  const [cpuS, wallS] = [(user + system) / 1e6, (performance.now() - startedAt) / 1000];
  console.log(JSON.stringify({ cpuS, wallS, loss: sum / count }));
}
