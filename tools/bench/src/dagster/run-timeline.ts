import { z } from 'zod';
import type { DagsterEvent } from './dagster-graphql.js';

/** What of a project a run has reported. */
export function countResults(events: readonly DagsterEvent[]): { readonly models: number; readonly tests: number } {
  return {
    models: events.filter((event) => event.__typename === 'MaterializationEvent').length,
    tests: events.filter(
      (event) => event.__typename === 'AssetCheckEvaluationEvent' && event.evaluation?.success === true,
    ).length,
  };
}

const record = z.looseObject({
  started_at: z.string(),
  finished_at: z.string(),
  attempts: z.array(
    z.looseObject({
      nodes: z.array(z.looseObject({ started_at: z.string().nullish(), finished_at: z.string().nullish() })),
    }),
  ),
});

/** Moments of a run in milliseconds since the epoch; what was not seen is absent. */
export interface RunMoments {
  readonly launched: number;
  readonly enqueued?: number;
  readonly starting?: number;
  readonly started?: number;
  readonly stepStarted?: number;
  readonly dbtStarted?: number;
  readonly firstNode?: number;
  readonly lastNode?: number;
  readonly dbtEnded?: number;
  readonly stepEnded?: number;
  readonly ended?: number;
  readonly seen: number;
}

/**
 * Moments of a run from Dagster's log, and from floe's record in it if there is one.
 * @param launched when the client asked for the run, and `seen` when it knew that it had ended; the same clock as Dagster
 */
export function momentsOf(events: readonly DagsterEvent[], launched: number, seen: number): RunMoments {
  const first = (type: string): number | undefined => events.find((event) => event.__typename === type)?.timestamp;
  const recorded = recordOf(events);
  const nodes = recorded?.attempts.flatMap((attempt) => attempt.nodes) ?? [];
  const starts = nodes.flatMap(({ started_at: at }) => timeOf(at));
  const ends = nodes.flatMap(({ finished_at: at }) => timeOf(at));
  return defined({
    launched,
    enqueued: first('RunEnqueuedEvent'),
    starting: first('RunStartingEvent'),
    started: first('RunStartEvent'),
    stepStarted: first('ExecutionStepStartEvent'),
    dbtStarted: timeOf(recorded?.started_at)[0],
    firstNode: starts.length === 0 ? undefined : Math.min(...starts),
    lastNode: ends.length === 0 ? undefined : Math.max(...ends),
    dbtEnded: timeOf(recorded?.finished_at)[0],
    stepEnded: first('ExecutionStepSuccessEvent'),
    ended: first('RunSuccessEvent'),
    seen,
  });
}

const labels = [
  ['enqueued', 'launch'],
  ['starting', 'in the queue'],
  ['started', 'start of the run process'],
  ['stepStarted', 'start of the step'],
  ['dbtStarted', 'before dbt'],
  ['firstNode', 'dbt: start and parse'],
  ['lastNode', 'dbt: nodes'],
  ['dbtEnded', 'dbt: end'],
  ['stepEnded', 'tail of the step'],
  ['ended', 'tail of the run'],
  ['seen', 'until the client sees it'],
] as const satisfies readonly (readonly [keyof RunMoments, string])[];

/** Seconds between the moments of a run by name; a moment that is absent adds its time to the next phase. */
export function phasesOf(moments: RunMoments): Readonly<Record<string, number>> {
  const phases: Record<string, number> = {};
  let before = moments.launched;
  for (const [moment, label] of labels) {
    const at = moments[moment];
    if (at === undefined) continue;
    const wholeStep = moment === 'stepEnded' && moments.dbtEnded === undefined;
    phases[wholeStep ? 'step, dbt included' : label] = (at - before) / 1_000;
    before = at;
  }
  return phases;
}

function recordOf(events: readonly DagsterEvent[]): z.infer<typeof record> | undefined {
  for (const { metadataEntries } of events) {
    const text = metadataEntries?.find(({ label }) => label === 'floe/record')?.text;
    if (text !== undefined) return record.parse(JSON.parse(text));
  }
  return undefined;
}

function timeOf(text: string | null | undefined): number[] {
  const time = text == null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? [] : [time];
}

type WithoutUndefined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

function defined<Value extends object>(value: Value): WithoutUndefined<Value> {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined),
  ) as WithoutUndefined<Value>;
}
