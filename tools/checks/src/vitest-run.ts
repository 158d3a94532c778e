import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

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
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(reportFile, { force: true });
  }
}
