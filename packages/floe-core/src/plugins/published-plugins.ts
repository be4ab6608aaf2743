/** Words for plugins.orchestrator.type whose plugins are published as `@floe/plugin-<word>`; used in messages only. */
export const publishedPlugins: readonly string[] = ['airflow', 'dagster', 'prefect'];
