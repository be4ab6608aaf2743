/** Orchestrators on which the products are compared. */
export const orchestrators = ['dagster', 'airflow', 'prefect'] as const;
