import type { Problem } from '../errors/problem.js';
import type { DbtManifest } from './dbt-manifest.js';

/** What a dbt manifest has to agree with. */
export interface ManifestExpectation {
  /** `name` of dbt_project.yml. */
  readonly projectName: string;
  /** plugins.compute.type. */
  readonly adapter: string;
}

/** Why a dbt manifest belongs to another project or another adapter. */
export function manifestMismatches(manifest: DbtManifest, file: string, expected: ManifestExpectation): Problem[] {
  if (manifest.projectName !== expected.projectName) {
    return [
      mismatch(
        file,
        `it is of the project "${manifest.projectName}", but dbt_project.yml names "${expected.projectName}"`,
      ),
    ];
  }
  if (manifest.adapterType !== expected.adapter) {
    return [mismatch(file, `it was made for ${manifest.adapterType}, but plugins.compute.type is ${expected.adapter}`)];
  }
  return [];
}

/** A problem that says why the dbt manifest cannot be used with this project. */
export function mismatch(file: string, reason: string): Problem {
  return {
    code: 'DBT_MANIFEST_MISMATCH',
    severity: 'error',
    message: `The dbt manifest does not match the project: ${reason}.`,
    resolution:
      'Delete the file (floe then runs "dbt parse"), or point dbt.project_dir of floe.yaml at the right project.',
    location: { file },
  };
}
