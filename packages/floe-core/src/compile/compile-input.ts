import type { PlatformManifest } from '../manifest/platform-manifest.js';
import type { Located, ProductSpec } from '../manifest/product-spec.js';
import type { DbtManifest } from './dbt-manifest.js';
import type { SettingsResolution } from './settings.js';

/** Everything that a compile needs; plain data, no disk. */
export interface CompileInput {
  readonly spec: Located<ProductSpec>;
  readonly manifest: Located<PlatformManifest>;
  /** The two texts, for `metadata.source_hash`. */
  readonly specText: string;
  readonly manifestText: string;
  readonly dbtProject: DbtProject;
  /** What `resolveSettings` gave for these files. */
  readonly resolved: SettingsResolution;
  readonly dbtManifest: DbtManifest;
  /** Named in problems of the dbt manifest. */
  readonly dbtManifestFile: string;
  /** ISO 8601 time for `metadata.compiled_at`. */
  readonly compiledAt: string;
  readonly floeVersion: string;
}

/** What dbt_project.yml says. */
export interface DbtProject {
  readonly name: string;
  readonly profile: string;
}
