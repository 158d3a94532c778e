// npm test: the static checks, then every spec. Ends in one line, `N passed, N failed`.
import { staticChecks } from './static-checks.ts';
import { runVitest } from './vitest-run.ts';

if (process.argv.includes('--help')) {
  console.log(`npm test                       everything CI runs
npm test -- --static           the static checks alone
npm test -- libs/metrics       the specs whose path contains this, without the static checks
npm test -- -t "keeps order"   the specs whose title matches`);
  process.exit(0);
}

const args = process.argv.slice(2).filter((argument) => argument !== '--static');
const onlyStatic = process.argv.includes('--static');
const begunMs = performance.now();
let passed = 0;
let failed = 0;
if (args.length === 0) {
  for (const check of staticChecks) {
    const startedAt = performance.now();
    const wrong = await check.run();
    console.log(`${wrong === undefined ? '✓' : '✗'} ${check.name} (${secondsSince(startedAt)} s)`);
    if (wrong === undefined) passed += 1;
    else {
      failed += 1;
      console.log(wrong);
    }
  }
}
if (!onlyStatic) {
  const tests = await runVitest(args);
  passed += tests.passed;
  // A skipped test proves nothing: it counts as a failure.
  failed += tests.failed + tests.skipped;
  if (args.length === 0) {
    console.log(`${secondsSince(begunMs)} s in all; the slowest spec files:`);
    for (const { file, seconds } of tests.slowest) console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function secondsSince(startedMs: number): string {
  return ((performance.now() - startedMs) / 1000).toFixed(1);
}
