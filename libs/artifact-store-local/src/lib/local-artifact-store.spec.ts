import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { artifactStoreContract } from '@adstocrat/artifact-store/testing';
import { LocalArtifactStore } from './local-artifact-store.ts';

artifactStoreContract('LocalArtifactStore', () => {
  // A blank and a percent sign: names that a URI has to escape.
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat local 100%-'));
  return Promise.resolve({
    store: new LocalArtifactStore(),
    base: pathToFileURL(folder).href,
    nowhere: pathToFileURL(join(folder, 'no-such-folder/')).href,
    close: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
});
