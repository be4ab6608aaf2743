import type { DbtParseInput } from '@floe/core/dbt/dbt-parse-input';
import type { FloeError } from '@floe/core/errors/floe-error';
import type { Outcome } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { isAbsolute, resolve } from 'node:path';
import type { CommandContext } from '../command-context.js';
import { registerProfileSecrets } from '../secrets/environment-secrets.js';
import { prepareHome } from './home-directory.js';
import { loadPlugin } from './load-plugin.js';
import { adapterOf, homeOf } from './open-local-platform.js';
import { projectDirectoryOf, readSpec, requireManifest } from './product-files.js';
import { ensureEnvironment } from './python-environments.js';

/** Runs `dbt parse` for a compile with the interpreter that `findDbtPython` gives. */
export async function parseDbtProject(
  context: CommandContext,
  input: DbtParseInput,
  call: CallOptions,
): Promise<Outcome<void, FloeError>> {
  const python = await findDbtPython(context);
  const { output, environment, services, redactor } = context;
  registerProfileSecrets(input.profiles, environment.variables, redactor);
  output.progress(output.progressStyles.dim('dbt parses the project'));
  return services.runDbtParse({ python, environment: environment.variables }, input, call);
}

/**
 * The Python that has dbt: execution.dbt.python of floe.yaml or of the manifest's defaults, else FLOE_DBT_PYTHON, else
 * the locked environment of the orchestrator's plugin, which is made when it is missing.
 */
export async function findDbtPython(context: CommandContext): Promise<string> {
  const projectDirectory = projectDirectoryOf(context);
  const spec = await readSpec(context);
  const manifestFile = await requireManifest(context);
  const configured =
    spec?.value.execution?.dbt?.python ?? manifestFile.manifest.execution?.defaults.dbt?.python ?? undefined;
  const given = configured ?? context.environment.variables.FLOE_DBT_PYTHON;
  if (given !== undefined && given !== '')
    return given.includes('/') && !isAbsolute(given) ? resolve(projectDirectory, given) : given;
  const { module } = await loadPlugin(context, manifestFile);
  const home = homeOf(context);
  await prepareHome(home);
  const { python } = await ensureEnvironment(context, { home, module, adapter: adapterOf(manifestFile) });
  return python;
}
