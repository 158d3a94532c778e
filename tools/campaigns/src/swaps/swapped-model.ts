import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openEventBus } from '@adstocrat/adapters';
import type { EventBus } from '@adstocrat/event-bus';
import { writeTestServable } from '@adstocrat/inference/testing';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { freePorts } from '@adstocrat/ports';
import { topics } from '@adstocrat/schemas';
import { Database } from '../ground/database.ts';
import { ServiceProcess } from '../ground/service-process.ts';
import type { OneAnswer } from './one-row.ts';

const versions = [1, 2, 3, 4] as const;

/** Model "ads" with four versions, of which version n answers sigmoid(n), a registry that deploys one at a time, and servers. */
export class SwappedModel {
  readonly #folder: string;
  readonly #database: Database;
  readonly #metadata: PostgresMetadata;
  readonly #bus: EventBus;
  readonly #digests = new Map<number, string>();
  #revision = 0;

  private constructor(folder: string, database: Database, bus: EventBus) {
    this.#folder = folder;
    this.#database = database;
    this.#metadata = PostgresMetadata.open(database.url);
    this.#bus = bus;
  }

  /** Version 1 is deployed. `slope`: what a deviation of the price moves its logit by. */
  static async open(folder: string, slope = 0): Promise<SwappedModel> {
    const database = await Database.start({
      dataDir: join(folder, 'postgres'),
      logFile: join(folder, 'postgres.log'),
    });
    const model = new SwappedModel(folder, database, await openEventBus(database.url));
    await model.#metadata.migrate();
    for (const version of versions) {
      const { digest } = await writeTestServable(model.#artifact(version), { version, bias: version, slope });
      model.#digests.set(version, digest);
    }
    await model.deploy(1);
    return model;
  }

  /** What is wrong with an answer: a score that is not its version's. */
  static fault({ version, score }: OneAnswer): string | undefined {
    const expected = 1 / (1 + Math.exp(-version));
    return Math.abs(score - expected) < 1e-6 ? undefined : `version ${version} answered ${score}, not ${expected}`;
  }

  /** The version that comes after one. */
  static after(version: number): number {
    return (version % versions.length) + 1;
  }

  async deploy(version: number): Promise<void> {
    this.#revision += 1;
    const record = {
      model: 'ads',
      revision: this.#revision,
      labels: { stable: version },
      split: [{ version, basisPoints: 10_000 }],
      reason: 'swaps',
      changedAtMs: 0,
      versions: [
        { version, uri: pathToFileURL(this.#artifact(version)).href, digest: this.#digests.get(version) ?? '' },
      ],
    };
    await this.#metadata.appendDeployment(record);
    await this.#bus.publish(topics.deploymentChanged, [{ key: 'ads', source: 'swaps', event: record }]);
  }

  /** A server that is not started yet. `name` names its work folder and its log. */
  async server(name: string, environment: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const [grpc, rest] = await freePorts(2);
    return new ServiceProcess({
      name: 'serving',
      instance: 1,
      logFile: join(this.#folder, `${name}.log`),
      environment: {
        EVENT_BUS_URL: this.#database.url,
        DATABASE_URL: this.#database.url,
        ARTIFACTS_URL: pathToFileURL(join(this.#folder, 'artifacts')).href,
        GRPC_PORT: String(grpc),
        REST_PORT: String(rest),
        WORK_DIR: join(this.#folder, name),
        ...environment,
      },
    });
  }

  async close(): Promise<void> {
    await this.#bus.close();
    await this.#metadata.close();
    await this.#database.stop();
  }

  #artifact(version: number): string {
    return join(this.#folder, 'artifacts', String(version));
  }
}
