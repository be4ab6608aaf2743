import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '@floe/core/process/child-process';
import { endGroup, spawnGroup, type ProcessGroup } from '@floe/core/process/process-group';
import { z } from 'zod';
import { freePort } from '@floe/core/process/free-ports';
import { sharedHome } from '@floe/test-products/repository';
import { waitFor } from '@floe/test-products/wait-for';

const version = '0.161.0';
const parts = `dist:
  name: otel-collector
  output_path: ./build
receivers:
  - gomod: go.opentelemetry.io/collector/receiver/otlpreceiver v${version}
exporters:
  - gomod: github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter v${version}
`;

const attributeSchema = z.object({
  key: z.string(),
  value: z.looseObject({ stringValue: z.string().optional(), intValue: z.union([z.string(), z.number()]).optional() }),
});
const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(''),
  name: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(attributeSchema).default([]),
  status: z.looseObject({ code: z.number().optional(), message: z.string().optional() }).default({}),
});
const batchSchema = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })) })),
});

export type CollectedSpan = z.infer<typeof spanSchema>;

/** A real OpenTelemetry collector that takes OTLP over gRPC and HTTP and writes what it gets into a file. */
export class OtelCollector {
  readonly httpUrl: string;
  readonly grpcUrl: string;
  readonly #folder: string;
  readonly #group: ProcessGroup;

  private constructor(folder: string, group: ProcessGroup, ports: { readonly http: number; readonly grpc: number }) {
    this.#folder = folder;
    this.#group = group;
    this.httpUrl = `http://127.0.0.1:${ports.http}`;
    this.grpcUrl = `http://127.0.0.1:${ports.grpc}`;
  }

  static async start(): Promise<OtelCollector> {
    const program = await buildCollector();
    const folder = await mkdtemp(join(tmpdir(), 'floe-collector-'));
    const ports = { http: await freePort(), grpc: await freePort() };
    const config = {
      receivers: {
        otlp: {
          protocols: {
            grpc: { endpoint: `127.0.0.1:${ports.grpc}` },
            http: { endpoint: `127.0.0.1:${ports.http}` },
          },
        },
      },
      exporters: { file: { path: join(folder, 'spans.jsonl'), flush_interval: '200ms' } },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { traces: { receivers: ['otlp'], exporters: ['file'] } },
      },
    };
    const configFile = join(folder, 'config.json');
    await writeFile(configFile, JSON.stringify(config));
    const log = join(folder, 'collector.log');
    const started = await spawnGroup({ command: program, args: ['--config', configFile], cwd: folder, env: {} }, log);
    if (!started.ok) throw new TypeError(started.failure.message);
    await waitFor('the collector', 30, async () =>
      (await readFile(log, 'utf8')).includes('Everything is ready') ? true : undefined,
    );
    return new OtelCollector(folder, started.value, ports);
  }

  /** Every span that has arrived. */
  async spans(): Promise<readonly CollectedSpan[]> {
    const text = await this.text();
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .flatMap((line) => batchSchema.parse(JSON.parse(line)).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  }

  /** Everything that has arrived, as it was written. */
  async text(): Promise<string> {
    return readFile(join(this.#folder, 'spans.jsonl'), 'utf8').catch(() => '');
  }

  async stop(): Promise<void> {
    await endGroup(this.#group.pid, 5_000, this.#group.startMark);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The value of an attribute as text; undefined when the span has none of this name. */
export function attributeOf(span: CollectedSpan, name: string): string | undefined {
  const value = span.attributes.find(({ key }) => key === name)?.value;
  if (value?.stringValue !== undefined) return value.stringValue;
  return value?.intValue === undefined ? undefined : String(value.intValue);
}

/** Builds the collector with the collector's own builder, once for the checkout; needs Go. */
async function buildCollector(): Promise<string> {
  const folder = join(sharedHome, 'tools', `otel-collector-${version}`);
  const program = join(folder, 'otel-collector');
  if (
    await stat(program).then(
      () => true,
      () => false,
    )
  )
    return program;
  await mkdir(join(sharedHome, 'tools'), { recursive: true });
  const work = await mkdtemp(join(sharedHome, 'tools', '.otel-collector-'));
  try {
    const env = { ...process.env, GOBIN: work, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
    await go(work, env, 'go', ['install', `go.opentelemetry.io/collector/cmd/builder@v${version}`]);
    await writeFile(join(work, 'parts.yaml'), parts);
    await go(work, env, join(work, 'builder'), ['--config', 'parts.yaml']);
    await rename(join(work, 'build'), folder).catch(async (error: unknown) => {
      if (
        !(await stat(program).then(
          () => true,
          () => false,
        ))
      )
        throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return program;
}

async function go(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  command: string,
  args: readonly string[],
): Promise<void> {
  const outcome = await runCommand(
    { command, args, cwd, env },
    { signal: new AbortController().signal, timeoutMs: 1_200_000, maxOutputBytes: 100_000 },
  );
  if (outcome.kind === 'exited' && outcome.exitCode === 0) return;
  throw new TypeError(`the collector could not be built: ${JSON.stringify(outcome)}`);
}
