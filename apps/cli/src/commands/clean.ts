import type { evaluation, feedback, ingestion } from '@adstocrat/schemas';
import { sizeOf } from '../amount.ts';
import { ExitError } from '../exit-error.ts';
import { Pace } from '../pace.ts';
import { createProgress, type Progress } from '../progress.ts';
import { callWhenUp, watch } from '../system/calls.ts';
import type { Clients } from '../system/clients.ts';
import { Home } from '../system/home.ts';
import { cleanWork, type WorkFolder } from './idle-work.ts';
import { systemFor, type SystemChoice } from './system-for.ts';

export interface CleanOptions extends SystemChoice {
  readonly dryRun?: boolean;
  readonly keepSpans: number;
  readonly keepVersions: number;
  readonly keepDays: number;
  readonly maxGb?: number;
  readonly json?: boolean;
}

/** One that goes, or that stays though it is beyond what is kept. */
type Judged = Pick<ingestion.CleanedSpan, 'bytes' | 'why'>;

interface Cleaned<T extends Judged> {
  readonly going: readonly T[];
  readonly staying: readonly T[];
}

/** Images that no span names: gone, and those that go later. */
interface Images {
  readonly going: ingestion.CountedImages;
  readonly waiting: ingestion.CountedImages;
  readonly why: string;
}

/** Days from when it was written for which an image that no span names is kept, at most: a drop that failed is asked for again by then. */
const imageDays = 1;

/** Removes what nothing needs of spans, versions, images and the home's work folders, or says what would go. Safe beside whatever runs. */
export async function clean(options: CleanOptions): Promise<void> {
  const { dryRun = false, keepSpans, keepVersions, keepDays, maxGb = 0, json } = options;
  const limits = { 'keep-spans': keepSpans, 'keep-versions': keepVersions, 'keep-days': keepDays, 'max-gb': maxGb };
  for (const [name, value] of Object.entries(limits))
    if (!(value >= 0)) throw new ExitError(2, `--${name} must be 0 or more`);
  const progress = createProgress();
  await using system = await systemFor(options, progress);
  const { clients } = system;
  const predictionsKeptMs = await askKeptMs(clients);
  const versions = await callWhenUp<evaluation.CleanVersionsResponse>((done) =>
    clients.evaluation.cleanVersions({ dryRun, keepVersions, keepDays, predictionsKeptMs }, done),
  );
  const spans = await callWhenUp<ingestion.CleanSpansResponse>((done) =>
    clients.ingestion.cleanSpans({ dryRun, keepSpans, keepDays, maxBytes: maxGb * 1e9 }, done),
  );
  // After the spans: what only those named that are gone goes too.
  const withoutSpans = spans.going.map(({ uri }) => uri);
  const request = { dryRun, keepDays: Math.min(keepDays, imageDays), withoutSpans };
  const images = await cleanImages(clients, request, progress);
  // After the start: what is started empties its own.
  const work = cleanWork(new Home(options.home), dryRun, Date.now());
  progress.rest();
  if (json === true) {
    const { going, staying } = spans;
    const bytes = bytesOf(going);
    const gone = { going: versions.going, staying: versions.staying, bytes: bytesOf(versions.going) };
    console.log(JSON.stringify({ dryRun, going, staying, bytes, versions: gone, images, work }));
    return;
  }
  say(spans, ({ task, span }) => `${task} span ${span}`);
  say(versions, ({ model, version }) => `${model} version ${version}`);
  say(work, (folder) => `${folder.name} (written ${agoOf(folder)})`);
  const { going, waiting, why } = images;
  if (waiting.images > 0) console.log(`${imagesOf(waiting)} go by themselves later: ${why}`);
  const counts = [
    sumOf(spans.going, 'span'),
    sumOf(versions.going, 'version'),
    going.images > 0 ? imagesOf(going) : '',
    sumOf(work.going, 'work folder'),
  ]
    .filter((sum) => sum !== '')
    .join(', ');
  if (counts !== '') console.log(`${dryRun ? 'would go' : 'removed'}: ${counts}`);
  else if (waiting.images === 0) console.log('nothing to remove');
}

/** For how long back feedback has predictions, in milliseconds of the system's clock. What is asked after is nobody's id. */
async function askKeptMs(clients: Clients): Promise<number> {
  const { keptFromMs, nowMs } = await callWhenUp<feedback.FindPredictionsResponse>((done) =>
    clients.feedback.findPredictions({ predictionId: 'clean', model: '' }, done),
  );
  return keptFromMs === 0 ? 0 : Math.max(0, nowMs - keptFromMs);
}

async function cleanImages(
  clients: Clients,
  request: ingestion.CleanImagesRequest,
  progress: Progress,
): Promise<Images> {
  const pace = new Pace();
  for await (const message of watch(() => clients.ingestion.cleanImages(request))) {
    const { result } = message;
    if (result !== undefined) return { going: result.going ?? none, waiting: result.waiting ?? none, why: result.why };
    if (message.progress === undefined) continue;
    const { step, done, total, unit } = message.progress;
    // Only spans with images are looked at.
    const said = { ...message.progress, unit: unit === 'spans' ? 'spans with images' : unit };
    progress.update(step, done, total, pace.say(said, performance.now()));
  }
  throw new ExitError(1, 'ingestion ended without saying what became of the images; see its log');
}

const none: ingestion.CountedImages = { images: 0, bytes: 0 };
const imagesOf = ({ images, bytes }: ingestion.CountedImages): string =>
  `${images} image${images > 1 ? 's' : ''} (${sizeOf(bytes)})`;

function say<T extends Judged>({ going, staying }: Cleaned<T>, nameOf: (one: T) => string): void {
  for (const one of going) console.log(`${nameOf(one)}, ${sizeOf(one.bytes)}: ${one.why}`);
  for (const one of staying) console.log(`${nameOf(one)}, ${sizeOf(one.bytes)} stays: ${one.why}`);
}

const hourMs = 3_600_000;

function agoOf({ writtenAtMs }: WorkFolder): string {
  const hours = Math.floor((Date.now() - writtenAtMs) / hourMs);
  if (hours < 1) return 'within the hour';
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

/** As `3 spans, 1.2 GB`; nothing where there are none. */
function sumOf(going: readonly Judged[], noun: string): string {
  if (going.length === 0) return '';
  return `${going.length} ${noun}${going.length > 1 ? 's' : ''} (${sizeOf(bytesOf(going))})`;
}

const bytesOf = (going: readonly Judged[]): number => going.reduce((sum, { bytes }) => sum + bytes, 0);
