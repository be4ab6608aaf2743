import type { SelectionGraph } from './selection/selection-graph.js';

/**
 * The product as every orchestrator plugin sees it: checked, spliced, sorted, free of any orchestrator.
 * Made by `toPipeline`; identities are dbt unique_ids, `key` is the identity that orchestrators show.
 */
export interface Pipeline {
  readonly product: ProductInfo;
  readonly dbt: DbtSettings;
  /** Models, seeds and snapshots that are materialized; ephemeral models are spliced out. Topologically sorted. */
  readonly assets: readonly Asset[];
  readonly checks: readonly Check[];
  readonly sources: readonly SourceAsset[];
  readonly exposures: readonly Exposure[];
  /** One per different selection of schedules and sensors, and always the job of the whole product first. */
  readonly jobs: readonly Job[];
  readonly schedules: readonly Schedule[];
  readonly sensors: readonly Sensor[];
  readonly execution: ExecutionPolicy;
  /** dbt's graph with ephemeral models and exposures, for `selectNodes(pipeline, …)`. */
  readonly selection: SelectionGraph;
}

export interface ProductInfo {
  readonly name: string;
  readonly version: string;
  readonly environment: 'dev' | 'staging' | 'prod';
  /** Name of the platform manifest: owner of what is deployed. */
  readonly platform: string;
}

export interface DbtSettings {
  readonly projectName: string;
  readonly profile: string;
  readonly target: string;
  readonly adapter: string;
  readonly vars: Readonly<Record<string, unknown>>;
}

export interface Column {
  readonly name: string;
  readonly dataType: string | null;
  readonly description: string;
}

export interface Relation {
  readonly database: string | null;
  readonly schema: string;
  readonly identifier: string;
}

export interface Asset {
  /** dbt unique_id. */
  readonly id: string;
  /** `[product, name]`, with `.vN` for versions and the package in between when it is not the root project's. */
  readonly key: readonly string[];
  readonly keyOverrides: Readonly<Record<string, readonly string[]>>;
  readonly kind: 'model' | 'seed' | 'snapshot';
  readonly name: string;
  readonly materialized: string;
  readonly description: string;
  /** Relative to the dbt project; named in every error about this asset. */
  readonly file: string;
  readonly fqn: readonly string[];
  readonly tags: readonly string[];
  readonly group: string | null;
  readonly owners: readonly string[];
  readonly tier: 'bronze' | 'silver' | 'gold' | null;
  readonly columns: readonly Column[];
  readonly relation: Relation | null;
  readonly codeVersion: string;
  /** ids of assets and sources that it reads, through ephemeral models, sorted; a seed that fills a source included. */
  readonly upstream: readonly string[];
}

/**
 * A test. It runs after all its parents (`primary` and `additional`); a unit test belongs to its model in the same way,
 * but runs before it: `kind: 'unit'` says so, and `primary` is never a dependency of a unit test.
 */
export interface Check {
  readonly id: string;
  readonly name: string;
  readonly kind: 'generic' | 'singular' | 'unit';
  /** The asset or source that it belongs to; null for a test without parents (a result of the run as a whole). */
  readonly primary: string | null;
  /** Other assets and sources that it reads, sorted. */
  readonly additional: readonly string[];
  readonly severity: 'error' | 'warn';
  readonly description: string;
  readonly column: string | null;
  readonly file: string;
  readonly tags: readonly string[];
}

export interface SourceAsset {
  readonly id: string;
  /** `[product, source_name, name]`, or the key of another product's asset. */
  readonly key: readonly string[];
  readonly sourceName: string;
  readonly name: string;
  readonly description: string;
  readonly file: string;
  readonly tags: readonly string[];
  readonly relation: Relation | null;
  /** `other-product/model` when another product makes it. */
  readonly producer: string | null;
  /** The seed of this product that loads it. */
  readonly seed: string | null;
}

export interface Exposure {
  readonly id: string;
  readonly key: readonly string[];
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly owner: string | null;
  readonly url: string | null;
  readonly file: string;
  /** ids of assets and sources, through ephemeral models, sorted. */
  readonly upstream: readonly string[];
}

export interface Job {
  /** Unique within the product; the whole product's job is named like the product. */
  readonly name: string;
  readonly select: string | null;
  readonly exclude: string | null;
  /** ids of the selected assets, sorted. */
  readonly assets: readonly string[];
  /** ids of the selected checks, sorted. */
  readonly checks: readonly string[];
}

export interface Schedule {
  readonly name: string;
  /** Five fields as `parseCron` writes them: macros are spelt out. */
  readonly cron: string;
  readonly timezone: string;
  readonly enabled: boolean;
  /** Name of the job. */
  readonly job: string;
}

interface SensorBase {
  readonly name: string;
  readonly enabled: boolean;
  /** Seconds. */
  readonly interval: number;
  readonly job: string;
}
export type Sensor = SensorBase &
  (
    | { readonly type: 'product_succeeded'; readonly product: string }
    | { readonly type: 'asset_updated'; readonly asset: string }
    | { readonly type: 'file_changed'; readonly path: string }
    | { readonly type: 'http_ready'; readonly url: string }
  );

/** Seconds throughout; the meaning of each is described in artifacts/orchestration.ts. */
export interface ExecutionPolicy {
  readonly timeout: number;
  readonly nodeTimeout: number | null;
  readonly queueTimeout: number;
  readonly startTimeout: number;
  readonly threads: number;
  readonly retries: RetryPolicy;
  readonly restarts: number;
  readonly onBusy: 'wait' | 'skip' | 'fail';
  readonly dbtPython: string | null;
}

export interface RetryPolicy {
  readonly max: number;
  readonly initialDelay: number;
  readonly maxDelay: number;
  readonly factor: number;
  readonly jitter: number;
  readonly dataErrors: boolean;
}
