import type { Bundle } from '@floe/core/bundle/bundle';
import { InputError } from '@floe/core/errors/floe-error';
import type { Problem } from '@floe/core/errors/problem';
import type { PlannedObjects } from './prefect-planned-objects.js';

/**
 * Looks for what Prefect would accept now and stumble over later: an entrypoint that is not in the bundle, names that
 * stand twice, parameters that their schema does not have.
 * @throws InputError
 */
export function checkPlan(planned: PlannedObjects, bundle: Pick<Bundle, 'definitions'>): void {
  const files = new Set(bundle.definitions.files.map(({ path }) => path));
  const problems: Problem[] = [
    ...planned.deployments.flatMap(({ entrypoint, name }) => {
      const [file = ''] = entrypoint.split(':');
      return files.has(file)
        ? []
        : [problem(`The entrypoint of deployment ${name} is ${file}, which the bundle does not have.`)];
    }),
    ...planned.deployments.flatMap(({ name, schedules }) =>
      twice(schedules.map(({ slug }) => slug)).map((slug) =>
        problem(`Deployment ${name} has two schedules "${slug}".`),
      ),
    ),
    ...planned.deployments.flatMap((deployment) => unknownParameters(deployment)),
    ...twice(planned.automations.map(({ name }) => name)).map((name) =>
      problem(`Two automations are named "${name}".`),
    ),
  ];
  if (problems.length > 0) throw InputError.fromProblems(problems);
}

function unknownParameters({
  name,
  parameters,
  parameter_openapi_schema: schema,
  schedules,
}: PlannedObjects['deployments'][number]): Problem[] {
  const { properties } = schema;
  const known = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  const given = [parameters, ...schedules.map((schedule) => schedule.parameters)].flatMap((values) =>
    Object.keys(values),
  );
  return [...new Set(given)]
    .filter((parameter) => !known.includes(parameter))
    .map((parameter) => problem(`Deployment ${name} gives a parameter "${parameter}" that its flow does not take.`));
}

function twice(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function problem(message: string): Problem {
  return {
    code: 'INVALID_VALUE',
    severity: 'error',
    message,
    resolution: 'Make the bundle again (`floe generate`); if that does not help, report this as a bug of the plugin.',
  };
}
