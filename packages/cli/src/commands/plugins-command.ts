import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import { renderTable } from '../output/table.js';
import { findInstalledPlugins } from '../project/installed-plugins.js';
import { findManifest } from '../project/product-files.js';

/** `floe plugins`: what is installed, whether it fits this floe, and which one the manifest uses. */
export async function pluginsCommand(context: CommandContext): Promise<CommandResult> {
  const manifestFile = await findManifest(context);
  const plugins = await findInstalledPlugins(context, manifestFile?.manifest);
  const { styles, width } = context.output;
  const table = renderTable(
    [
      { title: 'plugin' },
      { title: 'version' },
      { title: 'package' },
      { title: 'orchestrator' },
      { title: 'state', style: (cell) => (cell.startsWith('refused') ? styles.red(cell) : cell) },
    ],
    plugins.map((plugin) => [
      plugin.name,
      plugin.version ?? '',
      plugin.package,
      plugin.orchestratorVersions ?? '',
      plugin.state,
    ]),
    { width, styleTitle: styles.bold },
  );
  const text =
    plugins.length === 0
      ? 'No orchestrator plugin is installed; add one, for example with `npm install @floe/plugin-dagster`.'
      : table;
  return { exitCode: 0, text, result: { plugins } };
}
