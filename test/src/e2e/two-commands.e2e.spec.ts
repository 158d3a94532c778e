import { expect, it } from 'vitest';
import { broken, twoCommands } from '@adstocrat/campaigns';

it('gives the usual ports to one of two commands; the other says whose they are, and nothing crosses', async () => {
  expect(broken(await twoCommands(2))).toEqual([]);
}, 1_200_000);
