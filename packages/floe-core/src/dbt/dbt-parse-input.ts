import type { DbtProfiles } from '../compile/profiles.js';

/** One parse of a dbt project. */
export interface DbtParseInput {
  /** Folder of dbt_project.yml. */
  readonly projectDirectory: string;
  /** Where manifest.json is written; private to this parse. */
  readonly targetDirectory: string;
  /** partial_parse.msgpack of an earlier parse; it may be absent. A new one is written to the target directory. */
  readonly partialParseFile: string;
  readonly profiles: DbtProfiles;
  readonly profile: string;
  readonly target: string;
  readonly vars: Readonly<Record<string, unknown>>;
  /** Install the packages first (`dbt deps`). */
  readonly installPackages: boolean;
  /** FLOE_DATA_DIR of the parse; dbt does not open a DuckDB file while it parses. */
  readonly dataDirectory: string;
}
