#!/usr/bin/env node
// Starts the command with the conditions that its sources need.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `adstocrat needs Node.js 24, this is ${process.versions.node}. Run \`npm start\` once: it brings the right one.`,
  );
  process.exit(1);
}
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const child = spawn(
  process.execPath,
  ['--conditions=@adstocrat/source', '--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)],
  // The channel carries nothing: its end tells the command that its starter is gone.
  { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
);
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
