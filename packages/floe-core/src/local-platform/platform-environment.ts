import { delimiter } from 'node:path';

/** Variables of the caller that would lead Python to another environment. */
const pythonVariables: ReadonlySet<string> = new Set(['PYTHONHOME', 'PYTHONPATH', 'VIRTUAL_ENV']);

export interface PlatformEnvironment {
  /** The environment of the caller. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Folder `bin` of the platform's Python environment. */
  readonly binDirectory: string;
  readonly dataDirectory: string;
  /** Variables of the caller that are settings of the orchestrator, and not those of this one. */
  readonly foreign?: RegExp;
}

/** Variables of a local platform: those of the caller, so that dbt finds its secrets, with what floe needs. */
export function platformEnvironment(from: PlatformEnvironment): Record<string, string | undefined> {
  const { inherited, binDirectory, dataDirectory, foreign } = from;
  const kept = Object.entries(inherited).filter(([name]) => !pythonVariables.has(name) && foreign?.test(name) !== true);
  return {
    ...Object.fromEntries(kept),
    PATH: [binDirectory, inherited.PATH].filter((part) => part !== undefined).join(delimiter),
    FLOE_DATA_DIR: dataDirectory,
    PYTHONUNBUFFERED: '1',
    // The environment is compiled already; bundles stay as they were delivered.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}
