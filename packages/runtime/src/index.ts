import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';

const wheels = [
  'floe_runtime-0.1.0-py3-none-any.whl',
  'floe_observers-0.1.0-py3-none-any.whl',
  'floe_dbt-0.1.0-py3-none-any.whl',
] as const;

/**
 * Absolute paths of the wheels of `floe-runtime` and `floe-observers` (for the orchestrator's Python) and of `floe-dbt`
 * (for dbt's Python).
 * Throws when the package was not built.
 */
export function runtimeWheels(): readonly string[] {
  return wheels.map((name) => {
    const path = fileURLToPath(new URL(`../wheels/${name}`, import.meta.url));
    if (!existsSync(path)) throw new Error(`${name} is missing in @floe/runtime: build the package (nx build runtime)`);
    return path;
  });
}
