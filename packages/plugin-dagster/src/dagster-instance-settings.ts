/**
 * dagster.yaml of the local platform. Nothing is sent anywhere; a lost process is noticed within seconds; a product has
 * one slot; a code location may take its time on a busy machine.
 */
export const localInstanceSettings = `telemetry:
  enabled: false
nux:
  enabled: false
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
