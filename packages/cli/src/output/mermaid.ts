import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { lineageGraph } from './lineage-graph.js';

/** The lineage as a Mermaid flowchart, which Markdown viewers show as a picture. */
export function mermaidLineage(pipeline: Pipeline): string {
  const nodes = lineageGraph(pipeline);
  const names = new Map(nodes.map((node, index) => [node.id, `n${index}`]));
  const nameOf = (id: string): string => names.get(id) ?? '';
  return [
    'flowchart LR',
    ...nodes.map(({ id, name, kind }) => {
      const label = `"${escapeLabel(`${name} (${kind})`)}"`;
      const shape = kind === 'source' ? `[(${label})]` : kind === 'exposure' ? `([${label}])` : `[${label}]`;
      return `  ${nameOf(id)}${shape}`;
    }),
    ...nodes.flatMap((node) => node.upstream.map((id) => `  ${nameOf(id)} --> ${nameOf(node.id)}`)),
  ].join('\n');
}

function escapeLabel(text: string): string {
  return text
    .replaceAll('#', '#35;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll('\n', ' ');
}
