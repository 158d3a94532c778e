import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openEventBus } from '@adstocrat/adapters';
import type { EventBus } from '@adstocrat/event-bus';
import { writeTestServable } from '@adstocrat/inference/testing';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { freePorts } from '@adstocrat/ports';
import { testDatabase } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { newPredictionKey } from '@adstocrat/service-kit';
import { Task, taskYaml } from '@adstocrat/tasks';
import { healthy } from '../ground/health.ts';
import { type ServiceName, ServiceProcess } from '../ground/service-process.ts';

const hourMs = 3_600_000;

/** What a publisher's page needs: serving with a model "ads" whose score rises with the price, and feedback that trusts no page. */
export class Advertising implements AsyncDisposable {
  readonly folder: string;
  readonly bus: EventBus;
  readonly serving: ServiceProcess;
  #feedback: ServiceProcess;
  readonly #database: Awaited<ReturnType<typeof testDatabase>>;

  private constructor(parts: {
    readonly folder: string;
    readonly bus: EventBus;
    readonly serving: ServiceProcess;
    readonly feedback: ServiceProcess;
    readonly database: Awaited<ReturnType<typeof testDatabase>>;
  }) {
    this.folder = parts.folder;
    this.bus = parts.bus;
    this.serving = parts.serving;
    this.#feedback = parts.feedback;
    this.#database = parts.database;
  }

  static async start(): Promise<Advertising> {
    const folder = mkdtempSync(join(tmpdir(), 'advertising-'));
    const database = await testDatabase();
    await deploy(folder, database.url);
    const ports = await freePorts(4);
    const common = {
      EVENT_BUS_URL: database.url,
      DATABASE_URL: database.url,
      ARTIFACTS_URL: pathToFileURL(join(folder, 'artifacts')).href,
      PREDICTION_KEYS: newPredictionKey(),
    };
    const service = (name: ServiceName, at: number, own: Readonly<Record<string, string>>): ServiceProcess => {
      const workDir = join(folder, name);
      mkdirSync(workDir);
      const listens = { GRPC_PORT: String(ports[at]), REST_PORT: String(ports[at + 1]), WORK_DIR: workDir };
      const environment = { ...common, ...listens, ...own };
      return new ServiceProcess({ name, instance: 1, environment, logFile: join(folder, `${name}.log`) });
    };
    const serving = service('serving', 0, { DEMO_PAGE: join(folder, 'page.json') });
    // Who has no token says nothing here that is not signed.
    const closed = { SERVICE_TOKEN: newPredictionKey(), OPEN_SCOPES: 'metrics' };
    const feedback = service('feedback', 2, { ...closed, FEEDBACK_ORIGINS: serving.restUrl });
    for (const one of [serving, feedback]) one.start();
    const bus = await openEventBus(database.url);
    const advertising = new Advertising({ folder, bus, serving, feedback, database });
    await Promise.all([serving, feedback].map((one) => healthy(one, 120_000)));
    return advertising;
  }

  get feedbackUrl(): string {
    return this.#feedback.restUrl;
  }

  /** What the page shows: `prices`, each of an ad by the name of its price. */
  write(prices: readonly number[], places: number): void {
    const ads = prices.map((price) => ({ title: `ad ${price}`, features: { price } }));
    const visitors = [{ name: 'Ann on the news', features: { site: 'news', user: 'ann' } }];
    const content = { model: 'ads', feedback: this.feedbackUrl, places, visitors, ads };
    writeFileSync(join(this.folder, 'page.json'), JSON.stringify(content));
  }

  /** Rows that feedback has taken in. */
  async taken(): Promise<{ readonly predictions: number; readonly facts: number }> {
    const pool = openPool(this.#database.url);
    const { rows } = await pool.query<{ predictions: number; facts: number }>(
      'SELECT (SELECT count(*) FROM feedback.predictions) AS predictions, (SELECT count(*) FROM feedback.facts) AS facts',
    );
    await closePool(pool);
    return rows[0] ?? { predictions: 0, facts: 0 };
  }

  /** Two days pass for feedback: it is started again with a clock that is as far ahead. */
  async letTwoDaysPass(): Promise<void> {
    const { options } = this.#feedback;
    await this.#feedback.stop(20_000);
    const nowMs = Date.now();
    const environment = { ...options.environment, CLOCK_ORIGIN: `${nowMs}:${nowMs + 48 * hourMs}` };
    this.#feedback = new ServiceProcess({ ...options, environment });
    this.#feedback.start();
    await healthy(this.#feedback, 120_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.serving, this.#feedback].map((one) => one.stop(20_000)));
    await this.bus.close();
    await this.#database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function deploy(folder: string, databaseUrl: string): Promise<void> {
  const metadata = PostgresMetadata.open(databaseUrl);
  await metadata.migrate();
  const task = Task.parse({ name: 'ads', data: { examples: ['*.csv'] }, label: 'clicked', window: '24h' });
  await metadata.putTask({ name: 'ads', yaml: '', resolvedYaml: taskYaml(task), dataUri: 'file:///', updatedAtMs: 0 });
  const artifact = join(folder, 'artifacts/1');
  const { digest } = await writeTestServable(artifact, { version: 1, bias: -2, slope: 0.5 });
  await metadata.appendDeployment({
    model: 'ads',
    revision: 1,
    labels: { stable: 1 },
    split: [{ version: 1, basisPoints: 10_000 }],
    reason: 'the demo page',
    changedAtMs: 0,
    versions: [{ version: 1, uri: pathToFileURL(artifact).href, digest }],
  });
  await metadata.close();
}
