import type { RunRequest } from '../../src/execution/run-request.js';
import type { SimulatedBackend } from '../../src/testing/simulated-backend.js';
import type { SimulatedRun, SimulatedScenario } from '../../src/testing/simulated-scenario.js';
import { greenRun } from './play-scenario.js';

export const failing: SimulatedRun = {
  ...greenRun,
  nodes: greenRun.nodes.map((node, index) => (index === 1 ? { ...node, status: 'failed' } : node)),
};
export const long: SimulatedRun = { ...greenRun, nodes: greenRun.nodes.map((node) => ({ ...node, seconds: 10 })) };
export const dead: SimulatedRun = { ...greenRun, diesAt: 0.5 };
export const outage = (kind: NonNullable<SimulatedScenario['outages']>[number]['kind'], from: number, to: number) => ({
  outages: [{ kind, from, to }],
});

/** Starts another run in the middle of a scenario. */
export function startRun(key: string) {
  return (backend: SimulatedBackend, request: RunRequest): void => {
    backend.world.create({ ...request, key });
  };
}
