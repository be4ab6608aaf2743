import type { UnreportedEnd } from '@floe/core/lineage/close-run';
import type { LineageEvent } from '@floe/core/lineage/lineage-event';
import type { LineageTransport } from '@floe/core/lineage/lineage-settings';
import { join } from 'node:path';
import type { CommandContext } from '../command-context.js';
import { productHome } from '../project/home-directory.js';
import type { OpenProduct } from '../project/open-product.js';

/** Lineage that the command itself tells; the runtime tells that of runs. Never fails, and waits a few seconds at most. */
export interface ProductLineage {
  /** Lineage by design, after a deployment that changed something. */
  deployed(): Promise<void>;
  /** The end of a run that the runtime could not tell. */
  closeRun(end: UnreportedEnd): Promise<void>;
}

/** The lineage of a product as its artifacts and the OPENLINEAGE_* settings want it (REQ-027). */
export async function openLineage(context: CommandContext, product: OpenProduct): Promise<ProductLineage> {
  const { environment } = context;
  const { pipeline, project, home } = product;
  const { lineageTransport } = await import('@floe/core/lineage/lineage-settings');
  const { observability } = project.artifacts;
  const defaultFile = join(productHome(home, pipeline.product.name), 'lineage.jsonl');
  const transport = lineageTransport(observability, environment.variables, defaultFile);
  if (transport === undefined) return { deployed: () => Promise.resolve(), closeRun: () => Promise.resolve() };
  const about = {
    pipeline,
    namespace: observability.lineage_namespace,
    datasetNamespace: await namespaceOf(context, product),
  };
  const at = (): string => new Date(environment.clock.now()).toISOString();
  return {
    async deployed() {
      const { designEvents } = await import('@floe/core/lineage/design-events');
      await send(context, transport, designEvents({ ...about, at: at() }));
    },
    async closeRun({ result, open }) {
      const { closingEvents } = await import('@floe/core/lineage/closing-events');
      await send(context, transport, closingEvents({ ...about, result, open, at: at() }));
    },
  };
}

async function namespaceOf({ environment }: CommandContext, { pipeline, project }: OpenProduct): Promise<string> {
  const [{ datasetNamespace }, { datasetLocation }, { expandEnvironment }] = await Promise.all([
    import('@floe/core/lineage/dataset-namespace'),
    import('@floe/core/lineage/dataset-location'),
    import('@floe/core/lineage/expand-environment'),
  ]);
  const namespace = datasetNamespace(datasetLocation(pipeline, project.profiles));
  return expandEnvironment(namespace, environment.variables);
}

async function send(
  context: CommandContext,
  transport: LineageTransport,
  events: readonly LineageEvent[],
): Promise<void> {
  const { environment, output, services, redactor } = context;
  const { sendLineage } = await import('@floe/core/lineage/send-lineage');
  const apiKey = transport.kind === 'http' ? transport.apiKey : undefined;
  if (apiKey !== undefined) redactor.register(apiKey);
  const http = (await services.createHttpClient())(
    apiKey === undefined ? {} : { headers: { Authorization: `Bearer ${apiKey}` } },
  );
  const print = (line: string): void => {
    output.progress(line);
  };
  // also after the command was interrupted: the end of a cancelled run is told
  const { signal } = new AbortController();
  const report = await sendLineage(events, transport, { http, clock: environment.clock, print }, { signal });
  if (report.lost > 0) {
    const text = `lineage: ${report.lost} of ${events.length} events could not be sent, ${report.reason ?? ''}`;
    print(output.progressStyles.dim(text));
  }
}
