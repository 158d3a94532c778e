import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openArtifactStore, openMetadata } from '@adstocrat/adapters';
import type { Metadata } from '@adstocrat/metadata';
import type { Random } from '@adstocrat/adworld';
import { freePorts } from '@adstocrat/ports';
import { newPersonalKey, PersonalKeys } from '@adstocrat/service-kit';
import { Database } from '../ground/database.ts';
import { healthy } from '../ground/health.ts';
import { type ServiceName, ServiceProcess } from '../ground/service-process.ts';
import { packUri } from '@adstocrat/stored-images';
import { model, writeVersion } from './write-version.ts';

/** Serving and feedback on PostgreSQL, with versions of one model in service, all of them at once. */
export class ReplayGround {
  readonly artifactsUrl: string;
  readonly metadata: Metadata;
  readonly serving: ServiceProcess;
  readonly feedback: ServiceProcess;
  readonly #database: Database;

  private constructor(parts: {
    readonly artifactsUrl: string;
    readonly metadata: Metadata;
    readonly serving: ServiceProcess;
    readonly feedback: ServiceProcess;
    readonly database: Database;
  }) {
    this.artifactsUrl = parts.artifactsUrl;
    this.metadata = parts.metadata;
    this.serving = parts.serving;
    this.feedback = parts.feedback;
    this.#database = parts.database;
  }

  /** `pictures`: images that ingestion would have taken. */
  static async start(
    folder: string,
    versions: number,
    random: Random,
    pictures: readonly Uint8Array[],
  ): Promise<ReplayGround> {
    for (const name of ['artifacts', 'logs', 'work']) mkdirSync(join(folder, name), { recursive: true });
    const artifactsUrl = pathToFileURL(join(folder, 'artifacts')).href;
    const database = await Database.start({
      dataDir: join(folder, 'postgres'),
      logFile: join(folder, 'logs/postgres.log'),
    });
    const metadata = await openMetadata(database.url);
    const key = newPersonalKey();
    const keyId = PersonalKeys.parse(key, 'the campaign').current?.id ?? '';
    const environment = {
      DATABASE_URL: database.url,
      EVENT_BUS_URL: database.url,
      ARTIFACTS_URL: artifactsUrl,
      PERSONAL_KEYS: key,
    };
    const ports = await freePorts(4);
    const service = (name: ServiceName, at: number): ServiceProcess =>
      new ServiceProcess({
        name,
        instance: 1,
        environment: {
          ...environment,
          GRPC_PORT: String(ports[at]),
          REST_PORT: String(ports[at + 1]),
          WORK_DIR: join(folder, 'work', name),
        },
        logFile: join(folder, 'logs', `${name}.log`),
      });
    const [serving, feedback] = [service('serving', 0), service('feedback', 2)];
    const ground = new ReplayGround({ artifactsUrl, metadata, serving, feedback, database });
    try {
      await metadata.migrate();
      await keep(metadata, artifactsUrl, pictures);
      await deploy(metadata, folder, artifactsUrl, versions, { random, keyId });
      for (const one of [serving, feedback]) one.start();
      await Promise.all([serving, feedback].map((one) => healthy(one, 120_000)));
      return ground;
    } catch (error) {
      await ground.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.serving.stop(20_000), this.feedback.stop(20_000)]);
    await this.metadata.close();
    await this.#database.stop();
  }
}

/** All in one pack. */
async function keep({ images }: Metadata, artifactsUrl: string, pictures: readonly Uint8Array[]): Promise<void> {
  const pack = await images.beginPack(pictures.reduce((sum, { length }) => sum + length, 0));
  await (await openArtifactStore(artifactsUrl)).create(packUri(artifactsUrl, pack), pictures);
  let end = 0;
  const packed = pictures.map((picture) => {
    end += picture.length;
    const sha256 = createHash('sha256').update(picture).digest('hex');
    return { sha256, offset: end - picture.length, bytes: picture.length };
  });
  await images.place(pack, packed);
}

async function deploy(
  metadata: Metadata,
  folder: string,
  artifactsUrl: string,
  versions: number,
  draws: Parameters<typeof writeVersion>[2],
): Promise<void> {
  const deployed = [];
  for (let version = 1; version <= versions; version += 1) {
    const name = `models/${model}/${version}`;
    const digest = await writeVersion(join(folder, 'artifacts', name), version, draws);
    const record = { model, version, uri: `${artifactsUrl}/${name}`, digest };
    await metadata.addVersion({
      ...record,
      runId: `run-${version}`,
      spans: [1],
      state: 'deployed',
      blessed: true,
      reasons: [],
      updatedAtMs: 0,
    });
    deployed.push({ version, uri: record.uri, digest });
  }
  await metadata.appendDeployment({
    model,
    revision: 1,
    versions: deployed,
    labels: { stable: 1 },
    split: [{ version: 1, basisPoints: 10_000 }],
    reason: 'campaign',
    changedAtMs: 0,
  });
}
