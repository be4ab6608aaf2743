import { Argument, Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { readFileSync } from 'node:fs';
import type { BoundCommand, StartCommand } from './command-start.js';
import type { OutputStream } from './environment.js';
import { parseCount, parseRunKey, parseSeconds } from './options/parse-options.js';

/** Version of this package, as `floe --version` shows it. */
export function floeVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/**
 * The tree of commands. It knows names, options and texts only; what a command does is imported when it is started,
 * so that `floe --version` and `floe --help` stay fast.
 */
export function createProgram(
  start: StartCommand,
  streams: { readonly stdout: OutputStream; readonly stderr: OutputStream },
): CommandUnknownOpts {
  const program = new Command('floe')
    .description('Runs dbt products on the orchestrator that the platform has chosen.')
    .version(floeVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help for a command')
    .helpCommand('help [command]', 'print help for a command')
    .addOption(new Option('--project <dir>', 'folder of floe.yaml (default: the working directory)'))
    .addOption(new Option('--manifest <file>', 'platform manifest (default: platform.manifest in floe.yaml)'))
    .addOption(
      new Option(
        '--home <dir>',
        'folder of local platforms and environments (default: .floe in the git root, FLOE_HOME)',
      ),
    )
    .addOption(
      new Option('--output <format>', 'how results are written').choices(['text', 'json']).default('text' as const),
    )
    .addOption(new Option('--no-color', 'no colours'))
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
      outputError: () => undefined,
    });

  const begin = (command: BoundCommand): Promise<void> => start(program.opts(), command);
  const local = (): Option<'--local'> => new Option('--local', 'use the local platform');
  const key = (text: string): Argument<'[key]'> => new Argument('[key]', text);

  program
    .command('compile')
    .description('compile floe.yaml, the manifest and the dbt project into artifacts')
    .option('--artifacts <file>', 'where the artifacts are written, "-" for standard output (default: below --home)')
    .action((options) =>
      begin(async (context) => (await import('./commands/compile-command.js')).compileCommand(context, options)),
    );

  program
    .command('generate')
    .description('write the bundle that the orchestrator loads')
    .option('--directory <dir>', 'where the bundle is written (default: below --home)')
    .action((options) =>
      begin(async (context) => (await import('./commands/generate-command.js')).generateCommand(context, options)),
    );

  program
    .command('deploy')
    .description('bring the product to the orchestrator and compare what it has loaded')
    .option('--dry-run', 'only say what would change')
    .addOption(local())
    .action((options) =>
      begin(async (context) => (await import('./commands/deploy-command.js')).deployCommand(context, options)),
    );

  program
    .command('run')
    .description('compile, deploy and run the product or a part of it')
    .option('-s, --select <selection...>', 'what to run, in dbt selection syntax')
    .option('--exclude <selection...>', 'what not to run')
    .option('--timeout <time>', 'limit of the run: seconds, or 90s, 30m, 2h', parseSeconds)
    .option('--threads <number>', 'dbt threads', parseCount(1))
    .option('--retries <number>', 'further attempts of failed nodes', parseCount(0))
    .option('--full-refresh', 'build incremental models and seeds anew')
    .option('--vars <yaml>', 'dbt variables as a YAML mapping')
    .option('--key <key>', 'key of the run; at most one run per key executes dbt', parseRunKey)
    .addOption(new Option('--deployed', 'run what is deployed, deploy nothing'))
    .addOption(local())
    .addOption(
      new Option('--attach <key>', 'follow a run that was started earlier')
        .argParser(parseRunKey)
        .conflicts(['key', 'select', 'exclude', 'fullRefresh', 'vars']),
    )
    .action((options) =>
      begin(async (context) => (await import('./commands/run-command.js')).runCommand(context, options)),
    );

  program
    .command('status')
    .description('list the newest runs, or show one')
    .addArgument(key('key of a run (default: the newest runs)'))
    .option('--limit <number>', 'how many runs are listed', parseCount(1), 10)
    .addOption(local())
    .action((run, options) =>
      begin(async (context) => (await import('./commands/status-command.js')).statusCommand(context, run, options)),
    );

  program
    .command('logs')
    .description('print the log of a run')
    .addArgument(key('key of the run (default: the newest run)'))
    .option('--tail <number>', 'only the last lines', parseCount(1))
    .addOption(local())
    .action((run, options) =>
      begin(async (context) => (await import('./commands/logs-command.js')).logsCommand(context, run, options)),
    );

  program
    .command('cancel')
    .description('ask a run to stop')
    .addArgument(key('key of the run (default: the only run under way)'))
    .addOption(local())
    .action((run, options) =>
      begin(async (context) => (await import('./commands/cancel-command.js')).cancelCommand(context, run, options)),
    );

  program
    .command('retry')
    .description('run again what did not succeed in a run')
    .addArgument(key('key of the run (default: the newest run)'))
    .option('--timeout <time>', 'limit of the run: seconds, or 90s, 30m, 2h', parseSeconds)
    .option('--threads <number>', 'dbt threads', parseCount(1))
    .option('--retries <number>', 'further attempts of failed nodes', parseCount(0))
    .option('--key <key>', 'key of the new run', parseRunKey)
    .addOption(new Option('--deployed', 'retry with what is deployed, deploy nothing'))
    .addOption(local())
    .action((run, options) =>
      begin(async (context) => (await import('./commands/retry-command.js')).retryCommand(context, run, options)),
    );

  program
    .command('remove')
    .description('take the product from the orchestrator; its history stays')
    .option('--dry-run', 'only say what would change')
    .addOption(local())
    .action((options) =>
      begin(async (context) => (await import('./commands/remove-command.js')).removeCommand(context, options)),
    );

  program
    .command('doctor')
    .description('check the connection to the orchestrator step by step')
    .addOption(local())
    .action((options) =>
      begin(async (context) => (await import('./commands/doctor-command.js')).doctorCommand(context, options)),
    );

  addPlatformCommands(program.command('platform').description('a real orchestrator on this machine'), begin);

  program
    .command('plugins')
    .description('list the orchestrator plugins that are installed')
    .action(() => begin(async (context) => (await import('./commands/plugins-command.js')).pluginsCommand(context)));

  program
    .command('graph')
    .description('draw the lineage of the product')
    .addOption(
      new Option('--format <format>', 'a drawing for the terminal or Mermaid')
        .choices(['text', 'mermaid'])
        .default('text' as const),
    )
    .option('-s, --select <selection...>', 'what to draw, in dbt selection syntax')
    .option('--exclude <selection...>', 'what not to draw')
    .action((options) =>
      begin(async (context) => (await import('./commands/graph-command.js')).graphCommand(context, options)),
    );

  return program;
}

function addPlatformCommands(platform: Command, begin: (command: BoundCommand) => Promise<void>): void {
  const load = () => import('./commands/platform-command.js');
  const orchestrator = (): Option<'--orchestrator <name>'> =>
    new Option('--orchestrator <name>', 'which orchestrator (default: plugins.orchestrator.type of the manifest)');
  const adapter = (): Option<'--adapter <name>'> =>
    new Option('--adapter <name>', 'dbt adapter (default: that of the manifest, else duckdb)');

  platform
    .command('start')
    .description('install what is missing and start it')
    .addOption(orchestrator())
    .addOption(adapter())
    .action((options) => begin(async (context) => (await load()).platformStartCommand(context, options)));
  platform
    .command('stop')
    .description('stop it; data and history stay')
    .addOption(orchestrator())
    .action((options) => begin(async (context) => (await load()).platformStopCommand(context, options)));
  platform
    .command('status')
    .description('say whether it runs, and where')
    .addOption(orchestrator())
    .action((options) => begin(async (context) => (await load()).platformStatusCommand(context, options)));
  platform
    .command('lock')
    .description('lock the Python environment for another dbt adapter')
    .addOption(orchestrator())
    .addOption(adapter())
    .action((options) =>
      begin(async (context) =>
        (await import('./commands/platform-lock-command.js')).platformLockCommand(context, options),
      ),
    );
}
