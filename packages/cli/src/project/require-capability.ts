import { InputError } from '@floe/core/errors/floe-error';
import type { Orchestrator } from './open-orchestrator.js';

/** Refuses what the plugin says that it cannot do. @throws InputError PLUGIN_INCOMPATIBLE */
export function requireCapability(
  orchestrator: Orchestrator,
  capability: 'retryFailed' | 'cancel' | 'subset',
  action: string,
): void {
  if (orchestrator.module.capabilities[capability]) return;
  throw new InputError({
    code: 'PLUGIN_INCOMPATIBLE',
    message: `The plugin ${orchestrator.name} cannot ${action}.`,
    resolution: 'Use the pages of the orchestrator, or a newer version of the plugin.',
  });
}
