import type { CompiledArtifacts } from '../artifacts/compiled-artifacts.js';
import type { ComponentResources, ResourceQuantities } from '../plugin-interfaces.js';

export type ResourceOverrides = NonNullable<CompiledArtifacts['orchestration']>['resources'];

/**
 * Requests and limits of one component (REQ-025): memory in steps of 64 MiB, limits twice the requests, and what the
 * manifest gives in place of either.
 * @param milliCpu requested thousandths of a core
 * @param mebibytes requested memory
 */
export function sizeComponent(
  given: ResourceOverrides[string] | undefined,
  milliCpu: number,
  mebibytes: number,
): ComponentResources {
  const memory = Math.ceil(mebibytes / 64) * 64;
  return {
    requests: quantities(milliCpu, memory, given?.requests),
    limits: quantities(milliCpu * 2, memory * 2, given?.limits),
  };
}

function quantities(
  milliCpu: number,
  mebibytes: number,
  given: { readonly cpu?: string | undefined; readonly memory?: string | undefined } | undefined,
): ResourceQuantities {
  return { cpu: given?.cpu ?? `${milliCpu}m`, memory: given?.memory ?? `${mebibytes}Mi` };
}
