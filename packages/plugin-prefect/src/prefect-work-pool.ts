import { InputError } from '@floe/core/errors/floe-error';
import { didYouMean } from '@floe/core/errors/did-you-mean';
import { failure, success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { z } from 'zod';
import { workersMetadataAnswer, workPoolSchema, type WorkPool } from './prefect-answers.js';
import type { Change } from './prefect-changes.js';
import type { Answer, PrefectClient } from './prefect-client.js';
import type { PrefectConfig } from './prefect-config.js';
import { unexpectedAnswer } from './prefect-errors.js';
import type { PlannedObjects } from './prefect-planned-objects.js';

const property = (title: string, type: string): Readonly<Record<string, unknown>> => ({ title, type });
const texts = { type: 'object', additionalProperties: { type: 'string' } } as const;

/** The job template of Prefect's process workers, who would write it into a pool that has none. */
const processTemplate = {
  job_configuration: {
    command: '{{ command }}',
    env: '{{ env }}',
    labels: '{{ labels }}',
    name: '{{ name }}',
    stream_output: '{{ stream_output }}',
    working_dir: '{{ working_dir }}',
  },
  variables: {
    type: 'object',
    properties: {
      name: property('Name', 'string'),
      env: { title: 'Environment Variables', ...texts },
      labels: { title: 'Labels', ...texts },
      command: property('Command', 'string'),
      stream_output: { ...property('Stream Output', 'boolean'), default: true },
      working_dir: { ...property('Working Directory', 'string'), format: 'path' },
    },
  },
};

/** The step that makes a missing pool. Pools are shared by products: an existing one is never changed, none is deleted. */
export function workPoolCreation(
  { work_pool: name, work_pool_type: type }: PrefectConfig,
  template: Readonly<Record<string, unknown>>,
): Change {
  return {
    action: 'create',
    object: `work pool ${name}`,
    fields: [],
    async apply(client, call) {
      const json = { name, type, description: 'Runs of floe products', base_job_template: template };
      const answer = await client.ask({ method: 'POST', path: '/work_pools/', json }, workPoolSchema, call);
      const isThere = !answer.ok && answer.failure.status === 409;
      return answer.ok || isThere ? success(undefined) : failure(answer.failure);
    },
  };
}

/** The job template that a new pool of a type gets. */
export async function templateOf(
  client: PrefectClient,
  type: PrefectConfig['work_pool_type'],
  call: CallOptions,
): Promise<Answer<Readonly<Record<string, unknown>>>> {
  if (type === 'process') return success(processTemplate);
  const path = '/collections/views/aggregate-worker-metadata';
  const answer = await client.ask({ method: 'GET', path }, workersMetadataAnswer, call);
  if (!answer.ok) return answer;
  for (const workers of Object.values(answer.value)) {
    const template = workers[type]?.default_base_job_configuration;
    if (template !== undefined) return success(template);
  }
  return failure(unexpectedAnswer(`the question for the job template of ${type} workers`));
}

const templateSchema = z.looseObject({
  variables: z.looseObject({ properties: z.record(z.string(), z.unknown()) }),
});

/**
 * What Prefect accepts in silence: a pool of another type, and job variables that its template does not know.
 * @throws InputError
 */
export function checkWorkPool(
  pool: Pick<WorkPool, 'name' | 'type' | 'base_job_template'>,
  config: PrefectConfig,
  planned: PlannedObjects,
): void {
  if (pool.type !== config.work_pool_type) throw wrongType(pool, config);
  const template = templateSchema.safeParse(pool.base_job_template);
  if (!template.success) return;
  const known = Object.keys(template.data.variables.properties);
  for (const { job_variables: variables } of planned.deployments) {
    const unknown = Object.keys(variables).find((name) => !known.includes(name));
    if (unknown === undefined) continue;
    throw new InputError({
      code: 'INVALID_VALUE',
      message:
        `The job template of the work pool "${pool.name}" has no variable "${unknown}"; Prefect would ignore it. ${didYouMean(unknown, known, '')}`.trimEnd(),
      resolution: `Use one of ${known.join(', ')} in plugins.orchestrator.config.job_variables, or add it to the template of the pool.`,
    });
  }
}

export function wrongType(pool: Pick<WorkPool, 'name' | 'type'>, config: PrefectConfig): InputError {
  return new InputError({
    code: 'INVALID_VALUE',
    message: `The work pool "${pool.name}" is of type ${pool.type}, but the manifest wants ${config.work_pool_type}.`,
    resolution: 'Set work_pool_type in plugins.orchestrator.config to the type of the pool, or name another work_pool.',
  });
}
