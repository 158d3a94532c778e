import { describe, expect, it } from 'vitest';
import { callScopes } from './call-scopes.ts';
import * as schemas from './index.ts';

/** Paths of all methods of all services that this library declares. */
const declared = Object.values(schemas)
  .flatMap((namespace) => Object.entries(namespace as object))
  .filter(([name]) => name.endsWith('Service'))
  .flatMap(([, service]) => Object.values(service as Readonly<Record<string, { readonly path?: string }>>))
  .flatMap(({ path }) => path ?? []);

describe('callScopes', () => {
  it('has a line for every method of every service, and none for another', () => {
    // What gRPC's own side services have is no schema of this library.
    const own = Object.keys(callScopes.grpc).filter((path) => !path.startsWith('/grpc.'));
    expect(own.toSorted()).toEqual(declared.toSorted());
    expect(declared.length).toBeGreaterThan(30);
  });

  // By hand: whatever changes what a service does, or what it works on, and what tells rows of people.
  it('lets nobody steer, or see rows, who may only predict or read', () => {
    const steering = Object.entries(callScopes.grpc).filter(([, scope]) => scope === 'administer');
    expect(steering.map(([path]) => path.split('/')[2]).toSorted()).toEqual([
      'BeginBatch',
      'CancelRun',
      'CancelStudy',
      'CleanImages',
      'CleanSpans',
      'CleanVersions',
      'FindPredictions',
      'Forget',
      'Forget',
      'HandleReloadConfigRequest',
      'InferTask',
      'IngestSpan',
      'JudgeAgain',
      'LookAtData',
      'RepositoryModelLoad',
      'RepositoryModelUnload',
      'RequestRetrain',
      'RollBack',
      'StartRun',
      'StartStudy',
    ]);
  });
});
