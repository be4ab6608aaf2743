import type { CompiledArtifacts } from '../artifacts/compiled-artifacts.js';
import type { Definitions } from '../plugin-interfaces.js';

/** A folder with everything that the orchestrator needs to run one product. */
export interface Bundle {
  readonly directory: string;
  readonly product: string;
  readonly orchestrator: string;
  /** sha256 over the sorted (path, sha256) pairs of all files but bundle.json; `sha256:<hex>`. */
  readonly hash: string;
  readonly artifacts: CompiledArtifacts;
  readonly definitions: Definitions;
}

/** bundle.json, the only file outside of the hash. */
export interface BundleIndex {
  readonly schema: 1;
  readonly product: string;
  readonly product_version: string;
  readonly platform: string;
  readonly environment: string;
  readonly orchestrator: string;
  readonly bundle_hash: string;
  readonly files: Readonly<Record<string, string>>;
}
