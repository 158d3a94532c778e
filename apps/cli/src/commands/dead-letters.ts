import { openEventBus } from '@adstocrat/adapters';
import { deadLetterTopic, type EventBus, type Topic } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';
import { withoutPassword } from '@adstocrat/service-kit';
import { ExitError } from '../exit-error.ts';
import { summariseLetters, type TopicLetters } from './letter-summary.ts';
import { replayLetters } from './replay-letters.ts';
import { systemFor, type SystemChoice } from './system-for.ts';

export interface ListOptions extends SystemChoice {
  readonly topic?: string;
  readonly json?: boolean;
}

export interface ReplayOptions extends SystemChoice {
  readonly topic: string;
  readonly json?: boolean;
}

type Contract = Pick<Topic<unknown>, 'name' | 'message'>;

/** Lists what was put aside, by topic and reason. */
export async function listDeadLetters(options: ListOptions): Promise<void> {
  const contracts = options.topic === undefined ? Object.values(topics) : [contractOf(options.topic)];
  await onBus(options, async (bus, where) => {
    const found: TopicLetters[] = [];
    for (const contract of contracts) found.push(await summariseLetters(bus, contract));
    if (options.json === true) {
      console.log(JSON.stringify({ bus: where, topics: found.filter(({ kept }) => kept > 0) }));
      return;
    }
    console.log(`dead letters on ${where}`);
    const letters = found.filter(({ kept }) => kept > 0);
    if (letters.length === 0) console.log(`  none of ${contracts.length === 1 ? options.topic : 'any topic'}`);
    for (const { topic, kept, waiting, reasons } of letters) {
      console.log(`${topic}: ${kept} kept, ${waiting} of them not sent again`);
      for (const { group, reason, count, firstMs, lastMs, exampleId } of reasons)
        console.log(
          `  ${count} × ${group}: ${reason}\n    ${timeOf(firstMs)} to ${timeOf(lastMs)}, such as ${exampleId}`,
        );
    }
  });
}

/** Sends the dead letters of a topic again, each once: for when what they failed on is mended. */
export async function replayDeadLetters(options: ReplayOptions): Promise<void> {
  const contract = contractOf(options.topic);
  await onBus(options, async (bus, where) => {
    const { events, cut, reasons } = await replayLetters(bus, contract);
    if (options.json === true) {
      console.log(JSON.stringify({ bus: where, topic: options.topic, events, cut, reasons }));
      return;
    }
    if (events === 0)
      console.log(`${deadLetterTopic(options.topic)} on ${where} has nothing that was not sent again before`);
    else console.log(`${events} events of ${options.topic} on ${where} were sent again; they had failed on:`);
    for (const [reason, count] of Object.entries(reasons)) console.log(`  ${count} × ${reason}`);
    if (cut > 0)
      console.log(`${cut} letters have no bytes: the broker had refused them with the event; nothing was sent`);
  });
}

/** The bus that `EVENT_BUS_URL` names, else that of the home's system. */
async function onBus(choice: SystemChoice, work: (bus: EventBus, where: string) => Promise<void>): Promise<void> {
  const named = process.env['EVENT_BUS_URL'];
  await using system = named === undefined ? await systemFor(choice) : undefined;
  const url = named ?? system?.eventBusUrl ?? '';
  const bus = await openEventBus(url, { client: 'dead-letters' });
  try {
    await work(bus, withoutPassword(url));
  } finally {
    await bus.close();
  }
}

function contractOf(name: string): Contract {
  const contract = Object.values(topics).find((one) => one.name === name);
  if (contract !== undefined) return contract;
  const known = Object.values(topics).map((one) => one.name);
  throw new ExitError(2, `no topic "${name}"; topics: ${known.join(', ')}`);
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
