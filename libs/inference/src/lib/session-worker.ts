import { parentPort, workerData } from 'node:worker_threads';
import { DamagedServable } from './damaged-servable.ts';
import { type FromSession, ownTensors, type RunOfSession, type ToSession } from './session-messages.ts';
import { RunFailed } from './run-failed.ts';
import { OnnxTensorSession } from './tensor-session.ts';

// The main of a `SessionThread`: one session, of the file that it is given.

const tell = (message: FromSession, buffers?: ArrayBuffer[]): void => parentPort?.postMessage(message, buffers);

const session = await OnnxTensorSession.open(workerData as string).catch((error: unknown) => {
  if (error instanceof DamagedServable) tell({ damaged: error.message });
  else throw error;
});
if (session !== undefined) {
  tell({ inputs: session.inputs, outputs: session.outputs });
  // What was sent before is kept until somebody listens.
  parentPort?.on('message', (message: ToSession) => {
    if ('close' in message) void session.close().then(() => parentPort?.close());
    else void answer(session, message);
  });
  // Nobody knows which run it was: the thread ends, and its runs hear of it.
  parentPort?.on('messageerror', (error: Error) => {
    throw error;
  });
}

async function answer(opened: OnnxTensorSession, { run, inputs }: RunOfSession): Promise<void> {
  try {
    const [outputs, buffers] = ownTensors(await opened.run(inputs));
    tell({ run, outputs }, buffers);
  } catch (error) {
    const { message, stack = message } = error as Error;
    tell(error instanceof RunFailed ? { run, failed: message, of: error.of } : { run, fault: stack });
  }
}
