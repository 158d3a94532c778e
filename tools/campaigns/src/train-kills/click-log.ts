import { writeFileSync } from 'node:fs';
import type { Random } from '@adstocrat/adworld';

const rows = 60_000;
const [users, sites, ads] = [2000, 40, 300];

/** A log of clicks that users, sites and ads tell, and pairs of site and ad: every phase of a run has something to find. */
export function writeClickLog(file: string, random: Random): void {
  const lines = ['row,user,site,ad,price,clicked'];
  for (let row = 0; row < rows; row += 1) {
    const [user, site, ad] = [random.below(users), random.below(sites), random.below(ads)];
    const price = random.below(1000) / 100;
    const logit = -1.5 + (user % 7) * 0.2 - (ad % 5) * 0.3 + (site % 2 === ad % 2 ? 0.8 : -0.8) - price * 0.05;
    const clicked = random.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
    lines.push(`r${row},u${user},s${site},a${ad},${price},${clicked}`);
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
}
