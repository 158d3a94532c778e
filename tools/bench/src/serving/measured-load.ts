import { setTimeout as sleep } from 'node:timers/promises';
import { closedLoop } from '../load/closed-loop.ts';
import { GrpcConnection } from '../load/grpc-connection.ts';
import { HttpConnection } from '../load/http-connection.ts';
import type { LoadConnection } from '../load/load-connection.ts';
import { cpuS, descendantsCpuS } from '../process-tree.ts';
import type { Requests } from './requests.ts';

/** A server under one kind of request. */
export interface Target {
  readonly name: string;
  /** host:port of the transport that the requests take. */
  readonly address: string;
  /** Its CPU counts, and that of all below it. */
  readonly pid: number;
  readonly requests: Requests;
}

/** One slice's figures. */
export interface Slice {
  /** The server's CPU a request, microseconds. */
  readonly cpuUs: number;
  readonly perS: number;
  readonly p99Ms: number;
}

/** As many clients as ask at a time: streams of one gRPC connection, or connections of HTTP/1.1. */
export const concurrency = 16;

const warmUpSlices = 8;

/** Asks a slice of requests. Throws where one of them fails. */
export async function measure({ name, address, pid, requests }: Target, count: number): Promise<Slice> {
  const connections = await connect(address, requests);
  const used = (): number => cpuS(pid) + descendantsCpuS(pid);
  const before = used();
  const { failed, wallS, p99Ms } = await closedLoop(connections, requests.bodies, count);
  // What it does after the answers is its work too.
  await sleep(300);
  const cpuUs = ((used() - before) * 1e6) / count;
  for (const connection of connections) connection.close();
  if (failed > 0) throw new Error(`${failed} of ${count} requests of ${name} failed`);
  return { cpuUs, perS: count / wallS, p99Ms };
}

async function connect(address: string, { transport, path }: Requests): Promise<readonly LoadConnection[]> {
  if (transport === 'grpc') return [await GrpcConnection.open(address, path, concurrency)];
  return Promise.all(Array.from({ length: concurrency }, () => HttpConnection.open(address, path)));
}

/** Slices of all targets by turns, each round begun by another one. By target, in order. */
export async function interleaved(
  targets: readonly Target[],
  rounds: number,
  requests: number,
): Promise<ReadonlyMap<string, readonly Slice[]>> {
  const slices = new Map<string, Slice[]>(targets.map(({ name }) => [name, []]));
  // The first answers of a server compile it: a Node server takes some 15,000 until a request costs what it costs from then on.
  for (const target of targets) await measure(target, requests * warmUpSlices);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < targets.length; turn += 1) {
      const target = targets[(round + turn) % targets.length] as Target;
      const slice = await measure(target, requests);
      slices.get(target.name)?.push(slice);
      console.error(
        `round ${round + 1} of ${rounds}, ${target.name}: ${slice.cpuUs.toFixed(0)} µs CPU, ${slice.perS.toFixed(0)}/s, p99 ${slice.p99Ms.toFixed(1)} ms`,
      );
    }
  }
  return slices;
}
