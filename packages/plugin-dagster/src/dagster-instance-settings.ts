import { join } from 'node:path';

/**
 * dagster.yaml of the local platform, of which `instance` is the folder. Nothing is sent anywhere; a lost process is noticed within seconds; a product has
 * one slot; a code location may take its time on a busy machine.
 */
export function localInstanceSettings(instance: string): string {
  return `telemetry:
  enabled: false
nux:
  enabled: false
event_log_storage:
  module: floe_local_dagster
  class: LocalEventLogStorage
  config:
    base_dir: ${JSON.stringify(join(instance, 'history', 'runs'))}
run_coordinator:
  module: dagster._core.run_coordinator
  class: QueuedRunCoordinator
  config:
    dequeue_interval_seconds: 1
run_monitoring:
  enabled: true
  start_timeout_seconds: 300
  cancel_timeout_seconds: 60
  poll_interval_seconds: 5
  free_slots_after_run_end_seconds: 60
run_retries:
  enabled: true
  max_retries: 0
  retry_on_asset_or_op_failure: false
concurrency:
  pools:
    granularity: run
    default_limit: 1
code_servers:
  local_startup_timeout: 180
`;
}
