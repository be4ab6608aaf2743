/** What a failure means for the caller; each category has one exit status of the `floe` command. */
export type ErrorCategory = 'run' | 'input' | 'platform' | 'timeout' | 'cancelled';

/** Exit status of the `floe` command by category (0 is success). */
export const exitCodes: Readonly<Record<ErrorCategory, number>> = {
  run: 1,
  input: 2,
  platform: 3,
  timeout: 4,
  cancelled: 130,
};

/**
 * Every error code of floe with its category. Codes are stable within a major version, messages are not.
 * Each has a heading of its own in docs/errors.md.
 */
export const errorCategories = {
  // files and settings
  FILE_NOT_FOUND: 'input',
  FILE_UNREADABLE: 'input',
  YAML_SYNTAX: 'input',
  JSON_SYNTAX: 'input',
  UNKNOWN_KEY: 'input',
  INVALID_VALUE: 'input',
  MISSING_VALUE: 'input',
  SECRET_IN_PLAIN_TEXT: 'input',
  SECRET_NOT_ALLOWED: 'input',
  SECRET_NOT_FOUND: 'input',
  USAGE: 'input',
  // artifacts and dbt
  ARTIFACTS_INVALID: 'input',
  ARTIFACTS_VERSION: 'input',
  ARTIFACTS_EMPTY: 'input',
  DBT_MANIFEST_INVALID: 'input',
  DBT_MANIFEST_MISMATCH: 'input',
  DBT_PARSE_FAILED: 'input',
  // graph
  DEPENDENCY_CYCLE: 'input',
  SELF_DEPENDENCY: 'input',
  UNKNOWN_DEPENDENCY: 'input',
  UNDECLARED_DBT_EDGE: 'input',
  DUPLICATE_NAME: 'input',
  NAME_COLLISION: 'input',
  NAME_NOT_ALLOWED: 'input',
  UNKNOWN_MODEL: 'input',
  SELECTION_INVALID: 'input',
  SELECTION_EMPTY: 'input',
  CRON_INVALID: 'input',
  TIME_ZONE_INVALID: 'input',
  SENSOR_INVALID: 'input',
  // plugins
  PLUGIN_NOT_INSTALLED: 'input',
  PLUGIN_UNKNOWN: 'input',
  PLUGIN_NOT_APPROVED: 'input',
  PLUGIN_INCOMPATIBLE: 'input',
  PLUGIN_CONFIG_INVALID: 'input',
  // connection
  CONNECTION_UNREACHABLE: 'platform',
  CONNECTION_TLS: 'platform',
  CONNECTION_TIMEOUT: 'platform',
  CONNECTION_WRONG_ENDPOINT: 'platform',
  CONNECTION_UNAUTHORIZED: 'platform',
  CONNECTION_FORBIDDEN: 'platform',
  CONNECTION_READ_ONLY: 'platform',
  PLATFORM_UNHEALTHY: 'platform',
  PLATFORM_VERSION: 'platform',
  PLATFORM_ANSWER_INVALID: 'platform',
  PLATFORM_REFUSED: 'platform',
  // deployment
  DEPLOYMENT_STALE: 'input',
  DEPLOYMENT_MISSING: 'input',
  DEPLOYMENT_NOT_LOADED: 'platform',
  DEPLOYMENT_PARTIAL: 'platform',
  DEPLOYMENT_DRIFT: 'platform',
  DEPLOYMENT_LOCKED: 'platform',
  // runs
  RUN_FAILED: 'run',
  RUN_INCOMPLETE: 'run',
  RUN_TIMED_OUT: 'timeout',
  RUN_CANCELLED: 'cancelled',
  RUN_LOST: 'platform',
  RUN_NOT_STARTED: 'platform',
  RUN_NOT_FOUND: 'input',
  RUN_NOT_RETRYABLE: 'input',
  RUN_BUSY: 'platform',
  QUEUE_TIMEOUT: 'platform',
  START_TIMEOUT: 'platform',
  FINISH_TIMEOUT: 'platform',
  CANCELLED: 'cancelled',
  // local platform and environments
  LOCAL_PLATFORM_FAILED: 'platform',
  LOCAL_PLATFORM_NOT_RUNNING: 'input',
  PYTHON_ENVIRONMENT_FAILED: 'platform',
  INTERNAL: 'platform',
} as const satisfies Readonly<Record<string, ErrorCategory>>;

/** A stable error code. */
export type ErrorCode = keyof typeof errorCategories;

/** Exit status of the `floe` command for a code. */
export function exitCodeOf(code: ErrorCode): number {
  return exitCodes[errorCategories[code]];
}
