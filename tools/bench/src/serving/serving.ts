import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atMost, type Bar, type BenchReport, median } from '../bench-report.ts';
import { ServedModel, type ServingProcess } from '../served-model.ts';
import { adstocrat } from './adstocrat.ts';
import { kserve } from './kserve.ts';
import { interleaved, measure, type Slice, type Target } from './measured-load.ts';
import { mlpOnnx } from './mlp.ts';
import { mlserver } from './mlserver.ts';
import { type PeerServer, startPeer } from './peer-server.ts';
import { profileShares } from './profile-shares.ts';
import { networkRequests, type RequestColumns, type Requests, rowRequests } from './requests.ts';
import { triton } from './triton.ts';
import { writeNetwork } from './write-network.ts';

/** A click model of the demo's size: raw texts and numbers in. */
const click: RequestColumns = { numbers: 4, texts: 16, terms: 1000 };
const batchRows = 128;

interface RunSize {
  readonly rounds: number;
  readonly requests: number;
}

type Middles = ReadonlyMap<string, Readonly<Record<keyof Slice, number>>>;

/**
 * One row of a small network, one file, 16 asked for at a time: our protocols, and the servers of others that PyPI has, by turns. Then
 * a click model from raw features, a row alone and 128 together, and where its time goes. CPU is the servers', all below them included.
 * `--rounds`: slices of each; `--requests`: requests of a slice.
 */
export async function serving(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '9' }, requests: { type: 'string', default: '2000' } },
  });
  const size = { rounds: Number(values.rounds), requests: Number(values.requests) };
  const single = await singleRows(size);
  const rows = await clickRows(size);
  const get = (name: string): Readonly<Record<keyof Slice, number>> =>
    single.get(name) ?? { cpuUs: NaN, perS: NaN, p99Ms: NaN };
  const ours = ['modelInfer', 'predict', 'v2Rest', 'v1Rest'];
  const bars: Bar[] = [];
  for (const { name, bar } of [
    { name: triton.name, bar: 1 },
    { name: mlserver.name, bar: 0.2 },
    { name: kserve.name, bar: 0.2 },
  ]) {
    bars.push(
      atMost(`cpu, ModelInfer to ${name}`, get('modelInfer').cpuUs / get(`${name} grpc`).cpuUs, bar),
      atMost(`cpu, REST to ${name}`, get('v2Rest').cpuUs / get(`${name} rest`).cpuUs, bar),
      atMost(`time a request, ModelInfer to ${name}`, get(`${name} grpc`).perS / get('modelInfer').perS, 1),
      atMost(`time a request, REST to ${name}`, get(`${name} rest`).perS / get('v2Rest').perS, 1),
    );
  }
  bars.push(atMost('cpu a row of 128, µs', rows['clickBatchRowCpuUs'] ?? NaN, 1e6 / 30_000));
  return {
    bench: 'serving',
    figures: { ...figuresOf(single, ours), ...rows },
    peers: Object.fromEntries(
      [triton.name, mlserver.name, kserve.name].map((name) => [
        name,
        figuresOf(single, [`${name} grpc`, `${name} rest`], name),
      ]),
    ),
    bars,
  };
}

async function singleRows({ rounds, requests }: RunSize): Promise<Middles> {
  const servers: PeerServer[] = [];
  try {
    const onnx = mlpOnnx();
    for (const program of [adstocrat, triton, mlserver, kserve]) servers.push(await startPeer(program, onnx));
    const [own, ...peers] = servers as [PeerServer, ...PeerServer[]];
    const calls = networkRequests();
    const targets = [
      ...Object.entries(calls).map(([name, of]) => ({ name, address: own[of.transport], pid: own.pid, requests: of })),
      ...peers.flatMap(({ name, pid, ...addresses }): readonly Target[] =>
        [calls.modelInfer, calls.v2Rest].map((of) => ({
          name: `${name} ${of.transport}`,
          address: addresses[of.transport],
          pid,
          requests: of,
        })),
      ),
    ];
    return middles(await interleaved(targets, rounds, requests));
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** CPU a row of ModelInfer, and the shares of it for rows of 128. */
async function clickRows({ rounds, requests }: RunSize): Promise<Readonly<Record<string, number>>> {
  const streams = [{ stream: 'cross-network' as const, crossLayers: 2, hidden: [64, 32], dropout: 0 }];
  const model = await ServedModel.open((folder) => writeNetwork(folder, { model: 'ads', ...click, streams }));
  const profiles = mkdtempSync(join(tmpdir(), 'adstocrat-bench-profiles-'));
  try {
    const server = await model.serve('click', {});
    const batch = rowRequests(click, batchRows);
    const alone = middles(await interleaved([targetOf('row', server, rowRequests(click, 1))], rounds, requests));
    const together = middles(await interleaved([targetOf('batch', server, batch)], rounds, Math.ceil(requests / 10)));
    const profiled = await model.serve('profiled', { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles}` });
    await measure(targetOf('profiled', profiled, batch), requests);
    await profiled.stop();
    const shares = Object.entries(profileShares(profiles));
    return {
      clickRowCpuUs: alone.get('row')?.cpuUs ?? NaN,
      clickBatchRowCpuUs: (together.get('batch')?.cpuUs ?? NaN) / batchRows,
      ...Object.fromEntries(shares.map(([part, share]) => [`clickBatchShare.${part}`, share])),
    };
  } finally {
    await model.close();
    rmSync(profiles, { recursive: true, force: true });
  }
}

function targetOf(name: string, server: ServingProcess, requests: Requests): Target {
  const address = requests.transport === 'grpc' ? server.address : server.restAddress;
  return { name, address, pid: server.pid, requests };
}

function middles(slices: ReadonlyMap<string, readonly Slice[]>): Middles {
  const middle = (of: readonly Slice[], figure: keyof Slice): number => median(of.map((slice) => slice[figure]));
  return new Map(
    Array.from(slices, ([name, of]) => [
      name,
      { cpuUs: middle(of, 'cpuUs'), perS: middle(of, 'perS'), p99Ms: middle(of, 'p99Ms') },
    ]),
  );
}

/** The figures of some targets, each under the target's name without `prefix`. */
function figuresOf(single: Middles, names: readonly string[], prefix = ''): Readonly<Record<string, number>> {
  return Object.fromEntries(
    names.flatMap((name) =>
      Object.entries(single.get(name) ?? {}).map(([figure, value]) => [
        `${name.slice(prefix.length).trim()}.${figure}`,
        value,
      ]),
    ),
  );
}
