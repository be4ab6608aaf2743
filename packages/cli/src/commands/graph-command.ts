import type { CommandContext } from '../command-context.js';
import { drawLineage } from '../output/lineage-drawing.js';
import { lineageGraph } from '../output/lineage-graph.js';
import { mermaidLineage } from '../output/mermaid.js';
import type { CommandResult } from '../output/output.js';
import { compileProduct } from '../project/compile-product.js';
import { narrowPipeline } from '../project/narrow-pipeline.js';
import { joinSelection } from '../options/join-selection.js';

export interface GraphOptions {
  readonly format: 'text' | 'mermaid';
  readonly select?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** `floe graph`: the lineage as a drawing, as Mermaid text, or as nodes with what they read. */
export async function graphCommand(context: CommandContext, options: GraphOptions): Promise<CommandResult> {
  const { output } = context;
  const { pipeline } = await compileProduct(context);
  const shown = narrowPipeline(pipeline, {
    select: joinSelection(options.select),
    exclude: joinSelection(options.exclude),
  });
  const text =
    options.format === 'mermaid'
      ? mermaidLineage(shown)
      : drawLineage(shown, { styles: output.styles, width: output.width });
  const result = {
    product: pipeline.product.name,
    nodes: lineageGraph(shown),
    ...(options.format === 'mermaid' && { mermaid: text }),
  };
  return { exitCode: 0, text, result };
}
