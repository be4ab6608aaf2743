/** Orchestrators on which the products are compared. */
export const orchestrators = ['dagster'] as const;
