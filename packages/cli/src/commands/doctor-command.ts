import type { ValidationResult } from '@floe/core/connection/validation-result';
import { PluginExecutionError } from '@floe/core/errors/floe-error';
import type { CommandContext } from '../command-context.js';
import { renderConnection } from '../output/connection-report.js';
import type { CommandResult } from '../output/output.js';
import { openOrchestrator } from '../project/open-orchestrator.js';
import { requireManifest } from '../project/product-files.js';
import { timeLimits } from '../project/time-limits.js';

export interface DoctorOptions {
  readonly local?: true | undefined;
}

/** `floe doctor`: endpoint, version, credentials, health and permissions of the orchestrator, within 10 seconds. */
export async function doctorCommand(context: CommandContext, options: DoctorOptions): Promise<CommandResult> {
  const manifest = await requireManifest(context);
  const orchestrator = await openOrchestrator(context, manifest, { connect: true, local: options.local === true });
  const result = await orchestrator.plugin.validateConnection({
    signal: context.signal,
    timeoutMs: timeLimits.connection,
  });
  context.signal.throwIfAborted();
  const { styles, width } = context.output;
  const text = renderConnection(result, { styles, width });
  if (result.success) return { exitCode: 0, text, result };
  const error = connectionError(result);
  return { exitCode: error.exitCode, text, result, error: error.toJSON() };
}

function connectionError(result: ValidationResult): PluginExecutionError {
  const failed = result.details.steps.find((step) => step.outcome === 'failed');
  return new PluginExecutionError({
    code: failed?.code ?? 'CONNECTION_UNREACHABLE',
    message: result.message,
    resolution: failed?.resolution ?? 'Check the address in the manifest and that the orchestrator runs.',
    context: { endpoint: result.details.endpoint, ...(failed !== undefined && { step: failed.name }) },
  });
}
