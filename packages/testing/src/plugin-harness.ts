import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';

/** A product that is deployed at the real orchestrator already. */
export interface DeployedProduct {
  readonly artifacts: CompiledArtifacts;
  /** Hash of the deployed bundle. */
  readonly bundleHash: string | null;
}

/** A product in which nodes fail by themselves. */
export interface FailingProduct extends DeployedProduct {
  /** unique_ids of the nodes that fail. */
  readonly failing: readonly string[];
  /** unique_ids of the nodes that are skipped because of them; everything else succeeds. */
  readonly skipped: readonly string[];
  /** A part of the message of the failure, for example of the database. */
  readonly message: string;
}

/** A running, real orchestrator with products, made for one pass of the suite. */
export interface PluginHarness {
  /** Address of the orchestrator, for example `http://127.0.0.1:3000`. */
  readonly url: string;
  /**
   * Content of the secret that the connection uses: `token`, or `username` and `password`, or `headers` (as JSON).
   * Default: a token of the suite, for an orchestrator that takes any.
   */
  readonly credentials?: Readonly<Record<string, string>>;
  readonly products: {
    /** Every node succeeds, within a minute; at least three assets and one check. */
    readonly succeeding: DeployedProduct;
    readonly failing: FailingProduct;
    /** Takes at least two minutes, most of it in one node. */
    readonly slow: DeployedProduct;
  };
  /** Number of processes of runs that live now; looked at after a cancel and a timeout. */
  countRunProcesses?(): Promise<number>;
  close(): Promise<void>;
}
