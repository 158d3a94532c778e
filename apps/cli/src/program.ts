import { Command, InvalidArgumentError } from 'commander';
import { usualHome } from './commands/next-command.ts';

/** Every command with its options and examples. Commands load their code when they run: `--help` stays quick. */
export function createProgram(): Command {
  const program = new Command('adstocrat')
    .description('Predict clicks in production: ingest, train, evaluate, roll out, serve, monitor, retrain.')
    .exitOverride()
    .showHelpAfterError('Add --help for the options and examples.')
    .addHelpText('after', '\nExit codes: 0 done, 1 failure, 2 usage, 3 not blessed.');
  addPipelineCommands(program);
  addTuneCommand(program);
  addWorldCommand(program);
  addInspectionCommands(program);
  return program;
}

function addPipelineCommands(program: Command): void {
  withSystem(program.command('start'))
    .description('the whole loop on this machine: a demo world, or your own data')
    .option(
      '--data <uri>',
      'your data instead of the demo: a folder or a file (CSV, lines of JSON, Parquet), or one as file://… or gs://…',
    )
    .option('--label <name>', 'with --data: the column to predict')
    .option('--task <file>', 'with --data: a task.yaml instead of --label')
    .option('--once', 'end when the story is told instead of serving until Ctrl-C')
    .option('--json', 'end with one line of JSON')
    .option('--instances <n>', 'processes of every service, side by side', positive, 1)
    .option('--speed <n>', 'the demo: event-time seconds in a second', positive, 600)
    .option('--budget <n>', 'the demo: epochs that a run may train for (any data: 12)', positive, 2)
    .addHelpText(
      'after',
      examples(['npm start', 'npm start -- --once --json', 'npm start -- --data ./logs --label clicked']),
    )
    .action(async (options) => {
      if (options.data === undefined && options.label === undefined && options.task === undefined)
        await (await import('./demo/demo.ts')).demo(options);
      else await (await import('./commands/run.ts')).run(options);
    });
  withSystem(program.command('run'))
    .description('the pipeline on any data, ending in a blessed, served model')
    .requiredOption('--data <uri>', 'a folder or a file (CSV, lines of JSON, Parquet), or one as file://… or gs://…')
    .option('--label <name>', 'the column to predict; everything else is inferred')
    .option('--task <file>', 'a task.yaml (see init)')
    .option('--once', 'end after one served answer')
    .option('--instances <n>', 'processes of every service, side by side', positive, 1)
    .option('--json', 'end with one line of JSON')
    .addHelpText(
      'after',
      examples([
        'npx adstocrat run --data ./logs --label clicked --once',
        'npx adstocrat run --data gs://bucket/drop --task task.yaml',
      ]),
    )
    .action(async (options) => (await import('./commands/run.ts')).run(options));
  withSystem(program.command('init'))
    .description('look at data and write a task.yaml to review')
    .requiredOption('--data <uri>', 'a folder or a file (CSV, lines of JSON, Parquet), or one as file://… or gs://…')
    .requiredOption('--label <name>', 'the column to predict')
    .option('--name <name>', 'name of the task and its model')
    .option('--out <file>', 'where to write it; - for the terminal', 'task.yaml')
    .addHelpText('after', examples(['npx adstocrat init --data ./logs --label clicked']))
    .action(async (options) => (await import('./commands/init.ts')).init(options));
  withSystem(program.command('predict'))
    .description('score the rows of a file through the serving code: `id,score` out')
    .requiredOption('--model <name>', 'a model in service (see models)')
    .requiredOption('--in <file>', 'CSV, lines of JSON or Parquet; .gz and .zst are unpacked')
    .requiredOption('--out <file>', 'CSV with id and score')
    .option('--columns <names>', 'names of the columns, commas between, of a CSV without a header line')
    .option(
      '--allow-missing',
      'score rows though the file lacks columns of the model, or most values of one cannot be read: they are missing then',
    )
    .option(
      '--batch',
      'as a batch, which goes on where it was when the command is given again; files of 64 MiB or more always are',
    )
    .addHelpText(
      'after',
      '\nRows that cannot be scored (no record, a time that is none) are left out, and said with the reason and the line: the exit code is 1 then, also of\na batch. Nothing is written where no row is scored. Values of numeric columns that are no numbers are missing, and counted; a column most of whose values are unlike those learned from is said.',
    )
    .addHelpText(
      'after',
      examples([
        'npx adstocrat predict --model ad-clicks --in rows.csv --out scores.csv',
        'npx adstocrat predict --model ad-clicks --in month.parquet --out scores.csv --batch',
      ]),
    )
    .action(async (options) => (await import('./commands/predict.ts')).predict(options));
}

function addTuneCommand(program: Command): void {
  withSystem(program.command('tune'))
    .description('search for settings beyond what a run tries by itself; serves nothing')
    .requiredOption('--task <name>', 'name of a task whose data was ingested (see run)')
    .option('--span <n>', 'the newest span to train on; without it the newest', positive)
    .option('--trials <n>', 'settings to try, the defaults among them', positive, 30)
    .option(
      '--epochs <n>',
      'epochs that a trial trains for at most; it is compared after a ninth and a third of them',
      Number,
      9,
    )
    .option('--sampler <name>', 'tpe goes by what earlier trials showed, random does not', 'tpe')
    .option('--seed <n>', 'of the sampler', whole, 1)
    .option('--out <file>', 'the page with all trials (default: tune-TASK.html)')
    .option('--instances <n>', 'processes of every service, side by side: trials are shared among them', positive, 1)
    .option('--json', 'end with one line of JSON')
    .addHelpText(
      'after',
      examples([
        'npx adstocrat tune --task ad-clicks',
        'npx adstocrat tune --task ad-clicks --trials 100 --epochs 27 --instances 2',
      ]),
    )
    .action(async (options) => (await import('./commands/tune.ts')).tune(options));
}

function addWorldCommand(program: Command): void {
  program
    .command('adworld')
    .exitOverride()
    .description('make the demo’s synthetic world of ads, with the true probabilities beside it')
    .option('--out <dir>', 'folder to make, absent or empty')
    .option('--truth <dir>', 'folder for true probabilities and ceilings (default: OUT.truth)')
    .option('--seed <n>', 'same seed and options, same bytes', whole, 7)
    .option('--rows <n>', 'impressions', positive, 200_000)
    .option('--months <n>', 'calendar months from 2026-01', positive, 3)
    .option('--creatives <n>', 'ads, some of which launch late', positive, 600)
    .option('--users <n>', 'people who see them', positive, 20_000)
    .option('--live-days <n>', 'days after the months for which ads are in the catalogue', positive, 14)
    .option('--click-rate <p>', 'share of impressions clicked', Number, 0.05)
    .option('--image-size <n>', 'width and height of an image in pixels', positive, 64)
    .option('--live', 'stream the days after the months as JSON lines, at --speed')
    .option('--speed <n>', 'with --live: event-time seconds in a second', positive, 600)
    .option('--drift-after <s>', 'with --live: seconds until the world changes', Number)
    .option('--json', 'end with one line of JSON')
    .addHelpText(
      'after',
      examples([
        'npx adstocrat adworld --out ./world --seed 7 --rows 200000',
        'npx adstocrat run --data ./world --task ./world/task.yaml',
        'npx adstocrat adworld --live --speed 600 --drift-after 30',
      ]),
    )
    .action(async (options) => (await import('./commands/adworld.ts')).adworld(options));
}

function addInspectionCommands(program: Command): void {
  withSystem(program.command('models'))
    .description('versions, what evaluation said of them, and where the traffic goes')
    .option('--model <name>', 'one model only')
    .option('--lineage', 'with the steps and the data that each version comes from')
    .option('--report <dir>', 'write each version’s pages there: what its training and its evaluation showed')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(['npx adstocrat models', 'npx adstocrat models --model ad-clicks --lineage --report reports']),
    )
    .action(async (options) => (await import('./commands/models.ts')).models(options));
  for (const [name, what] of [
    ['statistics', 'statistics of a span, column by column'],
    ['schema', 'the data schema of a span'],
  ] as const) {
    withSystem(program.command(name))
      .description(what)
      .requiredOption('--task <name>', 'name of the task')
      .option('--span <n>', 'which; without it the newest', positive)
      .option('--json', 'as JSON')
      .addHelpText('after', examples([`npx adstocrat ${name} --task ad-clicks`]))
      .action(async (options) => (await import('./commands/span-facts.ts')).spanFacts(name, options));
  }
  withSystem(program.command('monitor'))
    .description('live figures of a model: AUC, log-loss, calibration, drift, alerts')
    .requiredOption('--model <name>')
    .option('--watch', 'go on showing them')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['npx adstocrat monitor --model ad-clicks --watch']))
    .action(async (options) => (await import('./commands/monitor.ts')).monitor(options));
  withSystem(program.command('replay'))
    .description('recompute a logged prediction with the very version that answered it, and compare bit for bit')
    .requiredOption('--prediction <id>', 'the prediction id that serving answered with')
    .option('--model <name>', 'of one model only, where several scored the id')
    .option('--json', 'as JSON, a line a prediction')
    .addHelpText('after', examples(['npx adstocrat replay --prediction 0199c2de-5a31-7d40-8f5e-2a7b11c0ffee']))
    .action(async (options) => (await import('./commands/replay.ts')).replay(options));
  addDeadLetterCommands(program);
  addTokenCommand(program);
  withSystem(program.command('forget'))
    .description('take a person’s rows out of everything that is kept, and say which models and reports saw them')
    .requiredOption('--column <name>', 'the column that tells people apart')
    .requiredOption('--value <value>', 'the person, as the data has it: every key’s pseudonym of it is looked for')
    .option('--dry-run', 'only say what holds the rows')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples([
        'npx adstocrat forget --column user --value ada@example.org --dry-run',
        'npx adstocrat forget --column user --value ada@example.org',
      ]),
    )
    .action(async (options) => (await import('./commands/forget.ts')).forget(options));
  withSystem(program.command('rollback'))
    .description('put an earlier blessed version into service at once, for all traffic')
    .requiredOption('--model <name>', 'whose')
    .option('--version <n>', 'which; without it the one that served before', whole)
    .option('--reason <text>', 'why, for the record')
    .addHelpText('after', examples(['npx adstocrat rollback --model ad-clicks --version 3 --reason "odd scores"']))
    .action(async (options) => (await import('./commands/rollback.ts')).rollback(options));
  withSystem(program.command('clean'))
    .description('remove spans, versions, images and passing files that nothing needs and that are beyond what is kept')
    .option('--dry-run', 'only say what would go, why, and how large it is')
    .option('--keep-spans <n>', 'newest spans of each task that are kept', whole, 5)
    .option('--keep-versions <n>', 'newest versions of each model that are kept', whole, 10)
    .option('--keep-days <n>', 'days for which a span is kept, and a version from when it was over', Number, 30)
    .option('--max-gb <n>', 'gigabytes of a task above which its oldest go before', Number)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(['npx adstocrat clean --dry-run', 'npx adstocrat clean --keep-days 90 --max-gb 200']),
    )
    .action(async (options) => (await import('./commands/clean.ts')).clean(options));
  program
    .command('keys')
    .exitOverride()
    .description('keys that hash personal columns, by id')
    .option('--home <dir>', 'where the state lives', usualHome)
    .option('--new', 'add a key, which hashes from the next start on; the others are kept for what they hashed')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['npx adstocrat keys', 'npx adstocrat keys --new']))
    .action(async (options) => (await import('./commands/keys.ts')).keys(options));
  withSystem(program.command('doctor'))
    .description('what this machine has and what a running system says of its health')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['npx adstocrat doctor']))
    .action(async (options) => (await import('./commands/doctor.ts')).doctor(options));
}

function addTokenCommand(program: Command): void {
  program
    .command('token')
    .exitOverride()
    .description('make a token for callers: it is shown once, its hash goes to a file for TOKENS_FILE')
    .requiredOption('--scope <list>', 'what its bearer may do, commas between: predict, read, administer')
    .requiredOption('--name <name>', 'whose it is: the log and the limits of callers know it by that')
    .option('--file <file>', 'the file of tokens; made where there is none', 'tokens')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples([
        'npx adstocrat token --scope predict --name shop',
        'npx adstocrat token --scope read,administer --name operators --file /etc/adstocrat/tokens',
      ]),
    )
    .action(async (options) => (await import('./commands/token.ts')).token(options));
}

function addDeadLetterCommands(program: Command): void {
  const letters = program
    .command('dead-letters')
    .exitOverride()
    .description('events that could not be handled: list them, send them again');
  withSystem(letters.command('list'))
    .description('what was put aside, by topic and reason')
    .option('--topic <name>', 'one topic only: click.seen, example.labelled, …')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(['npx adstocrat dead-letters list', 'npx adstocrat dead-letters list --topic click.seen']),
    )
    .action(async (options) => (await import('./commands/dead-letters.ts')).listDeadLetters(options));
  withSystem(letters.command('replay'))
    .description('send the dead letters of a topic again, each once, when what they failed on is mended')
    .requiredOption('--topic <name>', 'click.seen, example.labelled, …')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['npx adstocrat dead-letters replay --topic click.seen']))
    .action(async (options) => (await import('./commands/dead-letters.ts')).replayDeadLetters(options));
}

function withSystem(command: Command): Command {
  return command
    .exitOverride()
    .option('--home <dir>', 'where the state lives', usualHome)
    .option('--free-ports', 'listen on free ports instead of the usual ones');
}

const examples = (lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('A whole number is needed.');
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A whole number above 0 is needed.');
  return value;
}
