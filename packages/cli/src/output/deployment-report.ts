import type { DeployResult } from '@floe/core/plugin-interfaces';

/** What a deployment changed, or would change. */
export function renderDeployment(
  deployment: DeployResult,
  { dryRun, product }: { readonly dryRun: boolean; readonly product: string },
): string {
  const { changes, drift, bundleHash, url } = deployment;
  return [
    ...changes.map((change) => `${dryRun ? 'would ' : ''}${change.action} ${change.object}`),
    ...drift.map((difference) => `differs: ${difference}`),
    changes.length === 0
      ? `${product}: nothing to change`
      : `${product}: ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}${dryRun ? ' planned' : ''}`,
    ...(bundleHash === '' ? [] : [bundleHash]),
    ...(url === null ? [] : [url]),
  ].join('\n');
}
