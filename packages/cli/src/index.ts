export { runFloe } from './run-floe.js';
export type { CliEnvironment } from './environment.js';
