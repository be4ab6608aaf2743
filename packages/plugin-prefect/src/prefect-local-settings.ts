/** Work pool of the local platform; its worker makes it. */
export const localWorkPool = 'floe';

/** Prefect's settings of the local platform: it looks for work often, and tells nobody anything. */
export const localPrefectSettings: Readonly<Record<string, string>> = {
  PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
  DO_NOT_TRACK: '1',
  PREFECT_SERVER_LOGGING_LEVEL: 'WARNING',
  PREFECT_WORKER_QUERY_SECONDS: '1',
  PREFECT_WORKER_ENABLE_CANCELLATION: 'true',
  PREFECT_WORKER_CANCELLATION_POLL_SECONDS: '5',
  PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS: '2',
  PREFECT_LOGGING_TO_API_BATCH_INTERVAL: '0.5',
  // Prefect writes each task state in a transaction of its own otherwise.
  PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE: '100',
  PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL: '1',
  PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE: '100',
  PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL: '1',
};
