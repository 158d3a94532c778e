export { Task } from './lib/task.ts';
