/** Name of the schedule that `schedule` of floe.yaml (one trigger for the whole product) becomes. */
export const singleScheduleName = 'default';
