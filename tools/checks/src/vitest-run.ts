import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { command } from './command.ts';
import { root } from './root.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The slowest spec files, slowest first. */
  readonly slowest: readonly { readonly file: string; readonly seconds: number }[];
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly VitestFile[];
}

interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly unknown[];
}

const shownFiles = 10;

/** Runs vitest over the whole workspace. A file that fails before its tests counts as one failure, as does a run with no report. */
export async function runVitest(args: readonly string[]): Promise<TestCounts> {
  const reportFile = join(tmpdir(), `adstocrat-vitest-${process.pid}.json`);
  const { code } = await command(
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...args],
    {
      inherit: true,
      // Node strips the types of what vitest does not load itself: child processes of the tests.
      env: { TF_CPP_MIN_LOG_LEVEL: '3' },
    },
  );
  try {
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport;
    const brokenFiles = report.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    ).length;
    const failed = report.numFailedTests + brokenFiles;
    return {
      passed: report.numPassedTests,
      // An error outside of any test (an unhandled rejection) shows in the exit code alone.
      failed: failed === 0 && code !== 0 ? 1 : failed,
      skipped: report.numPendingTests + report.numTodoTests,
      slowest: slowestOf(report.testResults),
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0, slowest: [] };
  } finally {
    rmSync(reportFile, { force: true });
  }
}

/** From a file's first test to its last, hooks in between included. */
function slowestOf(files: readonly VitestFile[]): TestCounts['slowest'] {
  return files
    .map(({ name, startTime, endTime }) => ({ file: relative(root, name), seconds: (endTime - startTime) / 1000 }))
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, shownFiles);
}
