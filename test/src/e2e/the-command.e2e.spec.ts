import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { evaluation, feedback, ingestion, training } from '@adstocrat/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, processTree, runCommand, type RunningCommand, startCommand } from '@adstocrat/campaigns';
import { writeClickLog } from './click-log.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Running {
  readonly pid: number;
  readonly databaseUrl: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly instances: readonly unknown[];
}

interface Study {
  readonly studyId: string;
  readonly trials: readonly { readonly trial: number; readonly seconds: number }[];
  readonly verdict: { readonly sentence: string };
  readonly settingsYaml: string;
}

/** Everything that a command started. */
function processesOf(command: RunningCommand): readonly number[] {
  return processTree(command.process.pid ?? 0).slice(1);
}

async function allGone(pids: readonly number[]): Promise<void> {
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) await sleep(50);
}

/** Paths in the home that another account could read, write or enter, did it get there. What comes and goes meanwhile may be left out. */
function openTo(folder: string): readonly string[] {
  return entriesOf(folder).flatMap(({ path, mode }) => ((mode & 0o077) === 0 ? [] : [path]));
}

function entriesOf(folder: string): readonly { readonly path: string; readonly mode: number }[] {
  const own = lstatSync(folder, { throwIfNoEntry: false });
  if (own === undefined) return [];
  const names = own.isDirectory() ? namesIn(folder) : [];
  return [{ path: folder, mode: own.mode }, ...names.flatMap((name) => entriesOf(join(folder, name)))];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

describe('a running command', () => {
  const folder = temporaryFolder('command');
  const home = join(folder, 'home');
  const lines: string[] = [];
  let command: RunningCommand;
  let running: Running;

  function start(instances: number): Promise<RunningCommand> {
    const { promise: serves, resolve: isServing } = Promise.withResolvers<undefined>();
    const args = ['run', '--home', home, '--free-ports', '--data', join(folder, 'data'), '--label', 'bought'];
    const started = startCommand([...args, '--instances', String(instances)], {
      onLine: (line) => {
        lines.push(line);
        if (line.startsWith('serving data:')) isServing(undefined);
      },
    });
    return Promise.race([
      serves.then(() => started),
      started.ended.then(({ stderr }) => Promise.reject(new Error(stderr))),
    ]);
  }

  const said = async (what: RegExp): Promise<void> => {
    while (!lines.some((line) => what.test(line))) await sleep(20);
  };
  const withHome = (...args: readonly string[]): Parameters<typeof runCommand>[0] => [...args, '--home', home];

  beforeAll(async () => {
    mkdirSync(join(folder, 'data'));
    writeClickLog(join(folder, 'data', 'log.csv'), { rows: 3000, seed: 3 });
    command = await start(2);
    running = JSON.parse(readFileSync(join(home, 'running.json'), 'utf8')) as Running;
  });
  afterAll(async () => {
    command.process.kill('SIGTERM');
    await command.ended;
  });

  it('runs two of every service, each of them healthy', async () => {
    const findings = jsonOf<readonly { readonly what: string; readonly ok: boolean }[]>(
      await runCommand(withHome('doctor', '--json')),
    );
    const healthy = findings.filter(({ ok }) => ok).map(({ what }) => what);
    for (const name of ['ingestion', 'training', 'evaluation', 'serving', 'feedback'])
      expect(healthy).toEqual(expect.arrayContaining([name, `${name}-2`]));
    expect(healthy).toContain('database');
    expect(running.instances).toHaveLength(2);
  });

  it('keeps its state to its owner', () => {
    expect(lstatSync(home).mode & 0o777).toBe(0o700);
    expect(openTo(home)).toEqual([]);
    // And for those who are not root, whom modes stop.
    if (process.getuid?.() !== 0) return;
    const asAnother = (...args: readonly string[]): string =>
      spawnSync('setpriv', ['--reuid=1', '--regid=1', '--clear-groups', ...args], { encoding: 'utf8' }).stderr;
    for (const path of ['', 'token', 'running.json', 'logs/ingestion.log', 'postgres/access.json'])
      expect(asAnother('ls', '-l', join(home, path)), path).toMatch(/Permission denied/);
    // Nor through the environment of its processes.
    for (const pid of processesOf(command))
      expect(asAnother('cat', `/proc/${pid}/environ`), String(pid)).toMatch(/Permission denied|No such/);
  });

  it('answers none of its steering calls without the token, and TensorFlow Serving’s without', async () => {
    const insecure = credentials.createInsecure();
    const at = (name: string): string => `127.0.0.1:${running.ports[name]}`;
    type Done = (error: ServiceError | null) => void;
    const calls: Readonly<Record<string, (done: Done) => unknown>> = {
      ingestion: (done) =>
        new ingestion.IngestionServiceClient(at('ingestion'), insecure).inferTask(
          { dataUri: 'file:///etc', label: 'x', name: '' },
          done,
        ),
      training: (done) =>
        new training.TrainingServiceClient(at('training'), insecure)
          .watchRun({ runId: '', task: 'data', span: 1 })
          .once('error', done),
      evaluation: (done) =>
        new evaluation.EvaluationServiceClient(at('evaluation'), insecure)
          .watchVersion({ model: 'data', version: 1 })
          .once('error', done),
      feedback: (done) =>
        new feedback.FeedbackServiceClient(at('feedback'), insecure).getMonitors({ model: 'data' }, done),
    };
    for (const [name, call] of Object.entries(calls)) {
      const error = await new Promise<ServiceError | null>((resolve) => call(resolve));
      expect(error?.code, name).toBe(status.UNAUTHENTICATED);
      expect(error?.details, name).toMatch(/SERVICE_TOKEN/);
    }
    const rest = await fetch(`http://127.0.0.1:${running.ports['servingRest']}/v1/models/data`);
    expect(rest.status).toBe(200);
  });

  it('scores no rows that lack columns of the model, and says of each file what is wrong', async () => {
    const log = readFileSync(join(folder, 'data', 'log.csv'), 'utf8');
    const score = async (name: string, text: string, ...more: readonly string[]) => {
      writeFileSync(join(folder, name), text);
      const args = ['predict', '--model', 'data', '--in', join(folder, name), '--out', join(folder, `${name}.scores`)];
      return runCommand(withHome(...args, ...more));
    };
    const typo = log.replace('row,colour,price,bought', 'row,Colour,price,bought');
    const refused = await score('typo.csv', typo);
    expect(refused.stderr).toContain('"colour" (the file has "Colour")');
    expect(refused.code).toBe(1);
    const [scored, empty] = await Promise.all([score('typo.csv', typo, '--allow-missing'), score('empty.csv', '')]);
    expect(scored.code).toBe(0);
    expect(readFileSync(join(folder, 'typo.csv.scores'), 'utf8').trim().split('\n')).toHaveLength(3001);
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringMatching(/^adstocrat: .*empty\.csv[^\n]*\n$/)]);
    const batch = await score('batch.csv', `${typo}too,short\n`, '--allow-missing', '--batch');
    expect([batch.code, batch.stderr]).toEqual([
      1,
      expect.stringMatching(/3,000 rows scored into .*; 1 failed: too few fields: 2, .*\(1, at .*batch\.csv:3002\)\n$/),
    ]);
    const [asked, batched] = ['typo.csv', 'batch.csv'].map((name) =>
      readFileSync(join(folder, `${name}.scores`), 'utf8'),
    );
    expect(batched).toBe(asked);
    const unnamed = log.replace('row,colour,price,bought\n', '');
    const row = await score('unnamed.csv', unnamed);
    expect([row.code, row.stderr]).toEqual([
      1,
      expect.stringMatching(/unnamed\.csv:1: the first line looks like a row, .* name all 4 columns by --columns/),
    ]);
    const names = ['--columns', 'row,Colour,price,bought', '--allow-missing'];
    const [named, inBatch] = [
      await score('named.csv', unnamed, ...names),
      await score('in-batch.csv', unnamed, ...names, '--batch'),
    ];
    expect([named.code, inBatch.code]).toEqual([0, 0]);
    for (const name of ['named.csv', 'in-batch.csv'])
      expect(readFileSync(join(folder, `${name}.scores`), 'utf8')).toBe(asked);
    const lacking = await score('lacking.csv', typo, '--batch');
    expect([lacking.code, lacking.stderr]).toEqual([1, expect.stringContaining('"colour" (the file has "Colour")')]);
  });

  it('scores no column that it cannot read, and leaves out rows that cannot be scored', async () => {
    const log = readFileSync(join(folder, 'data', 'log.csv'), 'utf8');
    const [header = '', ...rows] = log.trim().split('\n');
    const score = async (name: string, lines: readonly string[], ...more: readonly string[]) => {
      writeFileSync(join(folder, name), `${[header, ...lines].join('\n')}\n`);
      const out = join(folder, `${name}.scores`);
      const args = ['predict', '--model', 'data', '--in', join(folder, name), '--out', out];
      const { code, stderr } = await runCommand(withHome(...args, ...more));
      return {
        code,
        stderr,
        scores: existsSync(out) ? readFileSync(out, 'utf8').trim().split('\n').slice(1) : undefined,
      };
    };
    const withPrice = (row: string, price: string): string => row.replace(/^([^,]*,[^,]*),[^,]*/, `$1,${price}`);
    const dollars = rows.map((row) => withPrice(row, '$5.50'));
    for (const way of [[], ['--batch']]) {
      const name = `dollars${way.length}.csv`;
      const refused = await score(name, dollars, ...way);
      expect(refused).toEqual({
        code: 1,
        stderr: expect.stringMatching(
          /price: 3,000 of 3,000 values are no numbers, first "\$5\.50" at [^ ]*dollars\d\.csv:2\. Mend that, or /,
        ),
        scores: undefined,
      });
      const allowed = await score(name, dollars, '--allow-missing', ...way);
      expect([allowed.code, allowed.scores?.length]).toEqual([0, 3000]);
      expect(allowed.stderr).toMatch(/price: 3,000 of 3,000 values are no numbers/);
      // An id that is there twice, one that is missing, a price that is none, a value that is too long, a line that is no record.
      const [first = '', second = '', third = '', fourth = '', ...rest] = rows;
      const long = `r,${'x'.repeat(70_000)},5,1`;
      const few = [
        first,
        first,
        second.replace(/^[^,]*/, ''),
        withPrice(third, 'cheap'),
        fourth,
        long,
        'too,few',
        ...rest,
      ];
      const some = await score(`some${way.length}.csv`, few, ...way);
      expect([some.code, some.scores?.length]).toEqual([1, 3001]);
      for (const said of [
        /price: 1 of [\d,]+ values are no numbers, first "cheap" at [^ ]*some\d\.csv:5/,
        /1 row has no "row".*; 1 row has the "row" of a row before/,
        /3,001 rows scored into [^ ]*; 2 failed: .*some\d\.csv:7.*some\d\.csv:8|3,001 rows scored into [^ ]*; 2 failed: .*some\d\.csv:8.*some\d\.csv:7/,
      ])
        expect(some.stderr).toMatch(said);
      expect(some.stderr).not.toMatch(/\n +at /);
      const none = await score(`none${way.length}.csv`, [long], ...way);
      expect(none).toEqual({
        code: 1,
        stderr: expect.stringMatching(/no row of .* could be scored; 1 failed: /),
        scores: undefined,
      });
    }
  });

  it('tunes on what is ingested, serves none of it, and does not try again what was tried', async () => {
    const page = join(folder, 'study.html');
    const tune = async (trials: number): Promise<Study> => {
      const args = ['tune', '--task', 'data', '--trials', String(trials), '--epochs', '1', '--out', page, '--json'];
      return jsonOf<Study>(await runCommand(withHome(...args)));
    };
    const study = await tune(5);
    const numbers = ({ trials }: Study): readonly number[] => trials.map(({ trial }) => trial).sort((a, b) => a - b);
    expect(numbers(study)).toEqual([1, 2, 3, 4, 5]);
    expect(study.verdict.sentence).toMatch(/^(Better|Not shown|None of the drawn)/);
    expect(study.verdict).toMatchObject({ difference: expect.any(Number), isBetter: expect.any(Boolean) });
    expect(study.settingsYaml).toMatch(/^training:\n {2}settings:\n {4}- name: /);
    expect(readFileSync(page, 'utf8')).toContain(`study ${study.studyId}`);
    // One folder a process holds what its trials read; the rows they came from, as people's, do not lie there.
    const held = entriesOf(home).filter(({ path }) => /\/study-[^/]+/.test(path));
    expect(held.length).toBeGreaterThan(0);
    expect(held.length).toBeLessThanOrEqual(2);
    const more = await tune(6);
    expect(numbers(more)).toEqual([1, 2, 3, 4, 5, 6]);
    const before = new Map(study.trials.map((trial) => [trial.trial, trial]));
    for (const trial of more.trials) if (trial.trial < 6) expect(trial).toEqual(before.get(trial.trial));
    const models = jsonOf<readonly unknown[]>(await runCommand(withHome('models', '--json')));
    expect(models).toMatchObject([{ model: 'data', version: 1, state: 'deployed' }]);
    const absent = await runCommand(withHome('tune', '--task', 'absent'));
    expect([absent.code, absent.stderr]).toEqual([1, expect.stringMatching(/has no span that is ready: ingest data/)]);
  });

  it('cancels what it asked for when a command in the same home is ended with Ctrl-C', async () => {
    const big = join(folder, 'big');
    mkdirSync(big);
    writeClickLog(join(big, 'log.csv'), { rows: 60_000, seed: 5 });
    const second = startCommand(['run', ...withHome(), '--data', big, '--label', 'bought', '--once'], {
      onLine: (line) => {
        if (/^ {2}train /.test(line)) second.process.kill('SIGINT');
      },
    });
    expect((await second.ended).code).toBe(130);
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${readFileSync(join(home, 'token'), 'utf8').trim()}`);
    const client = new training.TrainingServiceClient(
      `127.0.0.1:${running.ports['training']}`,
      credentials.createInsecure(),
    );
    const { runs } = await new Promise<training.ListRunsResponse>((resolve, reject) => {
      client.listRuns({ task: 'big' }, metadata, (error, response) => {
        if (error === null) resolve(response);
        else reject(error);
      });
    });
    client.close();
    expect(runs.map(({ state, error }) => ({ state, error }))).toMatchObject([
      { state: training.RunState.RUN_STATE_CANCELLED, error: expect.stringMatching(/the command .* was ended/) },
    ]);
  });

  it('starts PostgreSQL again where it dies, on the same port and data, and says so', async () => {
    const postmaster = (): number =>
      Number(readFileSync(join(home, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    const before = postmaster();
    process.kill(before, 'SIGKILL');
    await said(/^PostgreSQL ended \(SIGKILL\) and is started again/);
    await allGone([before]);
    // Asked until it answers: while the database is away the answer is a sentence, no stack.
    for (;;) {
      const result = await runCommand(withHome('models', '--json'));
      if (result.code === 0) {
        expect(jsonOf<readonly unknown[]>(result)).toMatchObject([{ model: 'data', version: 1, state: 'deployed' }]);
        break;
      }
      expect(result.stderr).toMatch(/^adstocrat: the database .*\n$/);
    }
    expect(postmaster()).not.toBe(before);
  });

  it('starts a service again that dies, and says so', async () => {
    const logFile = join(home, 'logs', 'feedback-2.log');
    const [pid] = /"pid":(\d+)/.exec(readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '')?.slice(1) ?? [];
    process.kill(Number(pid), 'SIGKILL');
    await said(/^feedback-2 ended \(SIGKILL\) and is started again/);
  });

  it('leaves nothing behind when it is killed, and its home starts again at once', async () => {
    const pids = processesOf(command);
    expect(pids.length).toBeGreaterThan(11);
    command.process.kill('SIGKILL');
    await command.ended;
    const again = start(1);
    await allGone(pids);
    command = await again;
    const models = jsonOf<readonly unknown[]>(await runCommand(withHome('models', '--json')));
    expect(models).toMatchObject([{ model: 'data', version: 1 }]);
  });

  it('says what holds a row’s person, takes them out beside the model in service, and names the model', async () => {
    interface Forgotten {
      readonly places: readonly { readonly place: string; readonly found: number; readonly left: number }[];
      readonly witnesses: readonly { readonly model: string; readonly version: number }[];
    }
    const [, first = ''] = readFileSync(join(folder, 'data', 'log.csv'), 'utf8').split('\n');
    const [id = ''] = first.split(',');
    const forget = async (...more: readonly string[]): Promise<Forgotten> =>
      jsonOf(await runCommand(withHome('forget', '--column', 'row', '--value', id, '--json', ...more)));
    const held = { place: 'batch span 1 of data', found: 1 };
    const witnesses = [{ model: 'data', version: 1 }];
    expect(await forget('--dry-run')).toMatchObject({ places: [{ ...held, left: 1 }], witnesses });
    expect(await forget()).toMatchObject({ places: [{ ...held, left: 0 }], witnesses });
    expect(await forget()).toMatchObject({ places: [], witnesses: [] });
    const models = jsonOf<readonly unknown[]>(await runCommand(withHome('models', '--json')));
    expect(models).toMatchObject([{ model: 'data', version: 1, state: 'deployed' }]);
  });

  it('ends on Ctrl-C with nothing left behind', async () => {
    const pids = processesOf(command);
    command.process.kill('SIGINT');
    expect((await command.ended).code).toBe(0);
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`) && !/sh$/.test(commOf(pid)))).toEqual([]);
    expect(existsSync(join(home, 'running.json'))).toBe(false);
  });
}, 1_200_000);

function commOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'sh';
  }
}
