import { statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import { openMetadata } from '@adstocrat/adapters';
import { withoutPassword } from '@adstocrat/service-kit';
import { isServing } from '@adstocrat/service-kit/grpc';
import { openTls } from '../system/command-tls.ts';
import { Home, type RunningSystem } from '../system/home.ts';
import { instanceFolder, serviceNames } from '../system/service-process.ts';
import type { SystemChoice } from './system-for.ts';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Looks at the machine and at the system in the home, starts nothing. Exit code 1 where something is wrong. */
export async function doctor(options: SystemChoice & { readonly json?: boolean }): Promise<void> {
  const home = new Home(options.home);
  const findings: Finding[] = [...machine(home), ...modules()];
  const running = await home.running();
  if (running === undefined) findings.push({ what: 'system', ok: true, detail: `none runs in ${home.folder}` });
  else findings.push(await database(running), ...(await services(home, running)));
  if (options.json === true) console.log(JSON.stringify(findings));
  else for (const { what, ok, detail } of findings) console.log(`${ok ? '✓' : '✗'} ${what}: ${detail}`);
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function database({ databaseUrl }: RunningSystem): Promise<Finding> {
  const metadata = await openMetadata(databaseUrl);
  try {
    await metadata.ping();
    return { what: 'database', ok: true, detail: `answers at ${withoutPassword(databaseUrl)}` };
  } catch (error) {
    return { what: 'database', ok: false, detail: (error as Error).message };
  } finally {
    await metadata.close();
  }
}

function services(home: Home, { instances, systemId, tlsFiles }: RunningSystem): Promise<readonly Finding[]> {
  const channel = openTls(tlsFiles).grpcCredentials();
  return Promise.all(
    instances.flatMap((ports, index) =>
      serviceNames.map(async (name) => {
        const folder = instanceFolder(name, index + 1);
        const ok = await isServing(`127.0.0.1:${ports[name]}`, systemId, channel);
        const where = `on port ${ports[name]}`;
        return {
          what: folder,
          ok,
          detail: ok ? `healthy ${where}` : `not healthy ${where}: see ${home.path('logs', `${folder}.log`)}`,
        };
      }),
    ),
  );
}

function machine(home: Home): readonly Finding[] {
  const disk = statfsSync(home.folder);
  const freeGib = (disk.bavail * disk.bsize) / 2 ** 30;
  const memoryGib = totalmem() / 2 ** 30;
  return [
    { what: 'node', ok: process.versions.node.startsWith('24.'), detail: process.versions.node },
    { what: 'cores', ok: true, detail: String(availableParallelism()) },
    {
      what: 'memory',
      ok: memoryGib >= 4,
      detail: `${memoryGib.toFixed(1)} GiB${memoryGib >= 4 ? '' : ', at least 4 are needed'}`,
    },
    {
      what: 'disk',
      ok: freeGib >= 2,
      detail: `${freeGib.toFixed(1)} GiB free${freeGib >= 2 ? '' : ', at least 2 are needed'}`,
    },
  ];
}

/** The native modules that have to load. */
function modules(): readonly Finding[] {
  const require = createRequire(import.meta.url);
  return ['@tensorflow/tfjs-node-gpu/package.json', 'onnxruntime-node', '@duckdb/node-api', 'sharp'].map((name) => {
    try {
      require(name);
      return { what: name.replace('/package.json', ''), ok: true, detail: 'there' };
    } catch (error) {
      return { what: name, ok: false, detail: `${(error as Error).message.split('\n')[0]}; run \`npm run setup\`` };
    }
  });
}
