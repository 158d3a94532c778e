import { openMetadata } from '@adstocrat/adapters';
import type { System } from '../system/system.ts';

const base = 'adworld';

/** A name no task of this home has: each demo begins its own model, and leaves those of earlier ones as they are. */
export async function nextModelName(system: System): Promise<string> {
  const metadata = await openMetadata(system.databaseUrl);
  try {
    const taken = new Set((await metadata.listTasks()).map(({ name }) => name));
    if (!taken.has(base)) return base;
    for (let number = 2; ; number += 1) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
  } finally {
    await metadata.close();
  }
}
