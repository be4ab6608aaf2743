import { setTimeout as sleep } from 'node:timers/promises';
import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import type { JobResult, LogLine } from '@floe/core/execution/job-result';
import type { JobExecution } from '@floe/core/execution/run-events';
import type {
  ComponentResources,
  Definitions,
  JobRequest,
  OrchestratorPluginModule,
  RunSummary,
} from '@floe/core/plugin-interfaces';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createRecordingRunner, type TestOutcome } from '../../tests/reference/recording-runner.js';
import { ReferencePlugin, referenceModule } from '../../tests/reference/reference-plugin.js';
import { ReferenceTests } from '../../tests/reference/reference-tests.js';
import { oneModel } from '../example-artifacts.js';
import { defaultToken } from '../suites/subject.js';

/** Runs a part of the suite against a plugin. */
async function run(
  part: 'pure' | 'live',
  pattern: RegExp,
  module: OrchestratorPluginModule,
): Promise<readonly TestOutcome[]> {
  const runner = createRecordingRunner();
  const tests = new ReferenceTests(module);
  if (part === 'pure') tests.registerPure(runner);
  else tests.registerLive(runner);
  const outcomes = await runner.run(pattern);
  expect(outcomes).not.toEqual([]);
  return outcomes;
}

/** A broken plugin must fail what is named; everything else of the suite is proved by the right one. */
async function expectFailure(
  part: 'pure' | 'live',
  pattern: RegExp,
  Plugin: typeof ReferencePlugin,
  change: Partial<OrchestratorPluginModule> = {},
): Promise<void> {
  const right = await run(part, pattern, referenceModule());
  expect(right.filter(({ error }) => error !== undefined)).toEqual([]);
  const broken = await run(part, pattern, { ...referenceModule(Plugin), ...change });
  expect(broken.filter(({ error }) => error === undefined)).toEqual([]);
}

function withDefinitions(change: (definitions: Definitions) => Partial<Definitions>): typeof ReferencePlugin {
  return class extends ReferencePlugin {
    override createAssetsFromArtifacts(artifacts: CompiledArtifacts): Definitions {
      const definitions = super.createAssetsFromArtifacts(artifacts);
      return { ...definitions, ...change(definitions) };
    }
  };
}

const nothing = { assets: [], checks: [], jobs: [], schedules: [], sensors: [], edges: [], files: [] };
let counter = 0;

describe('the suite refuses definitions', () => {
  it.each<[string, RegExp, (definitions: Definitions) => Partial<Definitions>]>([
    ['of an empty implementation', /have every model|have every job|files in safe places|differ for/, () => nothing],
    ['without edges', /(chain|diamonds|fan|everything) › keep every edge/, () => ({ edges: [] })],
    ['with one edge less', /chain › keep every edge/, ({ edges }) => ({ edges: edges.slice(1) })],
    [
      'with an edge more',
      /chain › keep every edge/,
      ({ edges }) => ({ edges: [...edges, ['ref:model.shop.step_0000', 'ref:model.shop.step_0002']] }),
    ],
    [
      'without the edges of sources',
      /everything › keep every edge/,
      ({ edges }) => ({ edges: edges.filter(([from]) => !from.includes('source.')) }),
    ],
    ['with one check less', /everything › have every check/, ({ checks }) => ({ checks: checks.slice(1) })],
    ['with one schedule less', /everything › have every job/, ({ schedules }) => ({ schedules: schedules.slice(1) })],
    ['with one sensor less', /everything › have every job/, ({ sensors }) => ({ sensors: sensors.slice(1) })],
    [
      'with an asset that nobody asked for',
      /one model › have every model/,
      ({ assets }) => ({ assets: [...assets, { id: 'x', nativeName: 'x' }] }),
    ],
    [
      'with one name twice',
      /chain › name everything once/,
      ({ assets }) => ({ assets: assets.map((asset) => ({ ...asset, nativeName: 'same' })) }),
    ],
    [
      'with names that collide after cleaning',
      /names apart that look alike/,
      ({ assets }) => ({
        assets: assets.map(({ id }) => ({ id, nativeName: id.replaceAll(/[^a-z]+/gi, '_').toLowerCase() })),
      }),
    ],
    ['that differ each time', /chain › are equal/, () => ({ files: [{ path: 'a', content: String((counter += 1)) }] })],
    ['outside of the bundle', /chain › are text files/, () => ({ files: [{ path: '../a', content: '' }] })],
    ['with an absolute path', /chain › are text files/, () => ({ files: [{ path: '/etc/a', content: '' }] })],
  ])('%s', async (_name, pattern, change) => {
    await expectFailure('pure', pattern, withDefinitions(change));
  });

  it('that change the artifacts', async () => {
    class Changing extends ReferencePlugin {
      override createAssetsFromArtifacts(artifacts: CompiledArtifacts): Definitions {
        artifacts.metadata.product_version = '9.9.9';
        return super.createAssetsFromArtifacts(artifacts);
      }
    }
    await expectFailure('pure', /chain › are equal/, Changing);
  });

  it('of a product that must be refused, and errors that are none of floe', async () => {
    class Careless extends ReferencePlugin {
      override createAssetsFromArtifacts(artifacts: CompiledArtifacts): Definitions {
        try {
          return super.createAssetsFromArtifacts(artifacts);
        } catch {
          throw new TypeError('x is not a function');
        }
      }
    }
    await expectFailure('pure', /are refused for/, Careless);
    class Silent extends ReferencePlugin {
      override createAssetsFromArtifacts(artifacts: CompiledArtifacts): Definitions {
        try {
          return super.createAssetsFromArtifacts(artifacts);
        } catch {
          return { ...nothing, warnings: [] };
        }
      }
    }
    await expectFailure('pure', /are refused for/, Silent);
  });
});

describe('the suite refuses a package', () => {
  it('of another interface', async () => {
    const metadata = { ...referenceModule().metadata, floeApiVersion: '2.0' };
    await expectFailure('pure', /says who it is/, ReferencePlugin, { metadata });
  });

  it('that takes misspelled settings', async () => {
    await expectFailure('pure', /refuses settings/, ReferencePlugin, {
      configSchema: z.looseObject({ url: z.string() }),
    });
  });

  it('that claims to have a local platform', async () => {
    const capabilities = { ...referenceModule().capabilities, localPlatform: true };
    await expectFailure('pure', /knows the kinds of sensors|same plugin/, ReferencePlugin, { capabilities });
  });

  it('that asks the orchestrator as soon as it is made', async () => {
    class Eager extends ReferencePlugin {
      constructor(...input: ConstructorParameters<typeof ReferencePlugin>) {
        super(...input);
        const call = { signal: new AbortController().signal, timeoutMs: 1_000, limit: 1 };
        this.listRuns(oneModel.artifacts, call).catch(() => undefined);
      }
    }
    await expectFailure('pure', /asks nobody/, Eager);
  });
});

describe('the suite refuses values for Kubernetes', () => {
  function withValues(values: Readonly<Record<string, unknown>>): typeof ReferencePlugin {
    return class extends ReferencePlugin {
      override getHelmValues(): Readonly<Record<string, unknown>> {
        return values;
      }
    };
  }
  function withResources(resources: Readonly<Record<string, ComponentResources>>): typeof ReferencePlugin {
    return class extends ReferencePlugin {
      override getResourceRequirements(): Readonly<Record<string, ComponentResources>> {
        return resources;
      }
    };
  }
  const some = { cpu: '1', memory: '1Gi' };

  it.each([
    ['nothing', {}],
    ['undefined', { a: undefined }],
    ['a function', { a: { b: () => 1 } }],
    ['no number', { a: Number.NaN }],
  ])('Helm values: %s', async (_name, values) => {
    await expectFailure('pure', /Helm values › are plain data for one model/, withValues(values));
  });

  it.each([
    ['nothing', {}],
    ['no quantity', { a: { requests: { cpu: '1 core', memory: '1Gi' }, limits: some } }],
    ['requests above limits', { a: { requests: { cpu: '1500m', memory: '1Gi' }, limits: some } }],
    ['nothing asked for', { a: { requests: { cpu: '0', memory: '1Gi' }, limits: some } }],
  ])('resources: %s', async (_name, resources) => {
    await expectFailure('pure', /resource requirements › are quantities .* one model/, withResources(resources));
  });

  it('resources that cannot be set', async () => {
    await expectFailure('pure', /can be set in the manifest/, withResources({ a: { requests: some, limits: some } }));
  });
});

describe('the suite refuses a connection check', () => {
  const succeeded: ValidationResult = {
    success: true,
    message: 'Connected.',
    details: { endpoint: 'http://host', durationMs: 1, version: '1.0', warnings: [], steps: [] },
  };
  function withCheck(
    check: (right: ValidationResult) => Promise<ValidationResult> | ValidationResult,
  ): typeof ReferencePlugin {
    return class extends ReferencePlugin {
      override async validateConnection(
        options: Parameters<ReferencePlugin['validateConnection']>[0],
      ): Promise<ValidationResult> {
        return check(await super.validateConnection(options));
      }
    };
  }

  it('that always succeeds', async () => {
    await expectFailure(
      'live',
      /connection › (tells|succeeds, tells|keeps a shorter|stops)/,
      withCheck(() => succeeded),
    );
  });

  it('that throws', async () => {
    const check = (): Promise<ValidationResult> => Promise.reject(new TypeError('fetch failed'));
    await expectFailure('live', /connection › (tells|succeeds)/, withCheck(check));
  });

  it('that shows the secret', async () => {
    const check = (right: ValidationResult): ValidationResult => ({ ...right, message: `tried ${defaultToken}` });
    await expectFailure('live', /connection › (tells|succeeds)/, withCheck(check));
  });

  it('that hides the secret from JSON only', async () => {
    const check = (right: ValidationResult): ValidationResult =>
      Object.defineProperty({ ...right }, 'request', { value: { headers: defaultToken }, enumerable: false });
    await expectFailure('live', /connection › succeeds/, withCheck(check));
  });

  it('that does not say what to do', async () => {
    const check = (right: ValidationResult): ValidationResult => ({
      ...right,
      details: { ...right.details, steps: right.details.steps.map(({ resolution: _resolution, ...step }) => step) },
    });
    await expectFailure('live', /connection › tells/, withCheck(check));
  });

  it('that goes on after a failure, and one that shows stacks', async () => {
    const goOn = (right: ValidationResult): ValidationResult => ({
      ...right,
      details: {
        ...right.details,
        steps: right.details.steps.map((step) => (step.outcome === 'skipped' ? { ...step, outcome: 'passed' } : step)),
      },
    });
    await expectFailure('live', /connection › tells a closed port/, withCheck(goOn));
    const stack = (right: ValidationResult): ValidationResult => ({
      ...right,
      message: 'Error: x\n    at send (/a/b.js:1:2)',
    });
    await expectFailure('live', /connection › tells a closed port/, withCheck(stack));
  });

  it('that is too slow, and one that does not heed its caller', async () => {
    const slow = withCheck(async (right) => {
      await sleep(3_000);
      return right;
    });
    await expectFailure('live', /connection › (keeps a shorter|stops)/, slow);
  }, 60_000);
});

describe('the suite refuses errors', () => {
  it('that are none of floe', async () => {
    class Raw extends ReferencePlugin {
      override listRuns(): Promise<readonly RunSummary[]> {
        return Promise.reject(new TypeError('socket hang up'));
      }
      override readLogs(): Promise<readonly LogLine[]> {
        return Promise.resolve([]);
      }
    }
    await expectFailure('live', /errors › of (listRuns|readLogs) .*(refused|web page|cut)/, Raw);
  });

  it('that show the request with its secret', async () => {
    class Leaking extends ReferencePlugin {
      override async listRuns(...input: Parameters<ReferencePlugin['listRuns']>): Promise<readonly RunSummary[]> {
        try {
          return await super.listRuns(...input);
        } catch (error) {
          throw Object.assign(error as Error, { cause: { config: { headers: { authorization: defaultToken } } } });
        }
      }
    }
    await expectFailure('live', /errors › of listRuns .*(refused|web page|cut)/, Leaking);
  });
});

describe('the suite refuses runs', () => {
  function withResult(change: (result: JobResult) => JobResult): typeof ReferencePlugin {
    return class extends ReferencePlugin {
      override executeJob(request: JobRequest, signal: AbortSignal): JobExecution {
        return changed(super.executeJob(request, signal), change);
      }
    };
  }
  function changed(execution: JobExecution, change: (result: JobResult) => JobResult): JobExecution {
    const result = execution.result.then(change);
    result.catch(() => undefined);
    return {
      key: execution.key,
      result,
      async *[Symbol.asyncIterator]() {
        for await (const event of execution)
          yield event.type === 'finished' ? { ...event, result: change(event.result) } : event;
      },
    };
  }
  const green = ({ error: _error, ...result }: JobResult): JobResult => ({ ...result, status: 'succeeded' });

  it('that are green although a node failed', async () => {
    await expectFailure('live', /failing node › fails/, withResult(green));
  });

  it('that lose a node', async () => {
    const lose = (result: JobResult): JobResult => ({ ...result, nodes: result.nodes.slice(1) });
    await expectFailure('live', /a run › succeeds|failing node › fails/, withResult(lose));
  });

  it('that say nothing of what went wrong', async () => {
    const mute = (result: JobResult): JobResult => ({
      ...result,
      nodes: result.nodes.map((node) => ({ ...node, message: null })),
    });
    await expectFailure('live', /failing node › fails/, withResult(mute));
    await expectFailure(
      'live',
      /failing node › fails/,
      withResult((result) => ({ ...result, logs: [] })),
    );
  });

  it('that run twice for one key', async () => {
    class Twice extends ReferencePlugin {
      override executeJob(request: JobRequest, signal: AbortSignal): JobExecution {
        return super.executeJob({ ...request, key: `${request.key ?? ''}-${(counter += 1)}` }, signal);
      }
    }
    const outcomes = await run('live', /a run › (succeeds|is not started)/, referenceModule(Twice));
    expect(outcomes.some(({ error }) => error !== undefined)).toBe(true);
  });

  it('that ignore the selection', async () => {
    class Whole extends ReferencePlugin {
      override executeJob(
        { select: _select, checks: _checks, ...request }: JobRequest,
        signal: AbortSignal,
      ): JobExecution {
        return super.executeJob(request, signal);
      }
    }
    await expectFailure('live', /a part of a product/, Whole);
  });

  it('that ignore the deployed bundle', async () => {
    class Stale extends ReferencePlugin {
      override executeJob(request: JobRequest, signal: AbortSignal): JobExecution {
        return super.executeJob({ ...request, bundleHash: null }, signal);
      }
    }
    await expectFailure('live', /not deployed/, Stale);
  });

  it('that call a cancelled run a success', async () => {
    await expectFailure('live', /by the abort|by its time limit/, withResult(green));
  }, 60_000);

  it('that claim what they cannot', async () => {
    const capabilities = { ...referenceModule().capabilities, subset: false, retryFailed: false };
    const module = { ...referenceModule(), capabilities };
    const outcomes = await run('live', /part of a product › is refused|a run with a failing node/, module);
    const twins = outcomes.filter(({ name }) => name.includes('refuse'));
    expect(twins).toHaveLength(2);
    expect(twins.filter(({ error }) => error === undefined)).toEqual([]);
  });
});
