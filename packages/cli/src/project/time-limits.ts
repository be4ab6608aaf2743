/** Milliseconds that one step of a command may take at most; runs have limits of their own. */
export const timeLimits = {
  /** dbt deps and dbt parse included. */
  compile: 600_000,
  bundle: 120_000,
  deploy: 300_000,
  query: 60_000,
  logs: 120_000,
  connection: 10_000,
  /** Downloads on a slow line included. */
  pythonEnvironment: 1_200_000,
  platformStart: 300_000,
  platformStop: 60_000,
  platformStatus: 10_000,
} as const;
