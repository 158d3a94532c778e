import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ServiceProcess } from './service-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-service-process-'));
const logs = join(folder, 'logs');
const { execPath } = process;
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A service that ends at once, for want of any setting; `restarted` waits for a restart whose reason says that. */
function failingService(): { readonly service: ServiceProcess; restarted(says: RegExp): Promise<void> } {
  const waiting: { readonly says: RegExp; readonly seen: () => void }[] = [];
  const service = new ServiceProcess(
    { name: 'feedback', instance: 1, environment: { DATABASE_URL: '' }, logFile: join(logs, 'feedback.log') },
    (_, reason) => {
      for (const { says, seen } of waiting) if (says.test(reason)) seen();
    },
  );
  return {
    service,
    restarted: (says) =>
      new Promise((seen) => {
        waiting.push({ says, seen });
      }),
  };
}

describe('ServiceProcess', () => {
  it('says why a service cannot be started again, and starts it once it can be', async () => {
    mkdirSync(logs, { recursive: true });
    const { service, restarted } = failingService();
    const closed = restarted(/ENOENT.*logs/);
    service.start();
    rmSync(logs, { recursive: true });
    await closed;
    await restarted(/ENOENT.*logs/);
    mkdirSync(logs);
    await restarted(/exit code 1/);
    await service.stop(1000);
    expect(service.pid).toBeUndefined();
  });

  it('says why where the system gives no process for it', async () => {
    mkdirSync(logs, { recursive: true });
    const { service, restarted } = failingService();
    process.execPath = join(folder, 'no-such-program');
    try {
      const refused = restarted(/no-such-program ENOENT/);
      service.start();
      await refused;
    } finally {
      process.execPath = execPath;
    }
    await restarted(/exit code 1/);
    await service.stop(1000);
    expect(service.pid).toBeUndefined();
  });
});
