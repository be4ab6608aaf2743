import assert from 'node:assert/strict';
import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import type { DefinitionEntry, Definitions } from '@floe/core/plugin-interfaces';
import { assertNoSecret, assertSameSet, assertUnique, assertUsefulError, deepFreeze, errorOf } from '../assertions.js';
import { brokenProducts, collidingNames, completeShop, exampleProducts, oneModel } from '../example-artifacts.js';
import type { TestRunner } from '../test-runner.js';
import { defaultToken, openPlugin, type Subject } from './subject.js';

const unusedUrl = 'http://127.0.0.1:9';
/** Far above what any product of the examples should take. */
const longestMs = 15_000;

/** Conversion of artifacts into native definitions (REQ-022). */
export function defineDefinitionsSuite(runner: TestRunner, subject: Subject): void {
  const { describe, it } = runner;
  const convert = (artifacts: CompiledArtifacts): Definitions =>
    openPlugin(subject, unusedUrl).plugin.createAssetsFromArtifacts(artifacts);

  for (const { name, artifacts } of exampleProducts) {
    describe(`definitions of ${name}`, () => {
      it('have every model, seed and snapshot', () => {
        const { assets } = convert(artifacts);
        assertSameSet(ids(assets), ids(requirePipeline(artifacts).assets), 'assets');
      });

      it('have every check', () => {
        checkChecks(convert(artifacts), requirePipeline(artifacts), subject.module.capabilities.runLevelChecks);
      });

      it('have every job, schedule and sensor', () => {
        checkTriggers(convert(artifacts), requirePipeline(artifacts), subject.module.capabilities.sensors);
      });

      it('keep every edge and invent none', () => {
        checkEdges(convert(artifacts), requirePipeline(artifacts));
      });

      it('name everything once', () => {
        checkNames(convert(artifacts));
      });

      it('are text files in safe places', () => {
        checkFiles(convert(artifacts));
      });

      it('are equal the second time, and leave the artifacts as they are', () => {
        const frozen = deepFreeze(structuredClone(artifacts));
        const began = performance.now();
        assert.deepEqual(convert(frozen), convert(frozen));
        assert.ok(performance.now() - began < longestMs, 'the conversion takes too long');
      });
    });
  }

  describe('definitions', () => {
    it('differ for products that differ', () => {
      const texts = (artifacts: CompiledArtifacts): string => JSON.stringify(convert(artifacts).files);
      assert.notEqual(texts(oneModel.artifacts), texts(completeShop.artifacts));
    });

    it('hold no secret of the connection', () => {
      assertNoSecret(convert(completeShop.artifacts), [defaultToken]);
    });

    it('keep names apart that look alike, or refuse them with their files', () => {
      let definitions: Definitions;
      try {
        definitions = convert(collidingNames.artifacts);
      } catch (error) {
        assertUsefulError(error, ['NAME_COLLISION', 'NAME_NOT_ALLOWED']);
        for (const problem of error.problems)
          assert.match(problem.location?.file ?? '', /models\/\d\.sql$/, 'the file is not named');
        assert.ok(error.problems.length > 0, 'the error lists no problems');
        return;
      }
      assertSameSet(ids(definitions.assets), ids(requirePipeline(collidingNames.artifacts).assets), 'assets');
      checkNames(definitions);
    });

    for (const { name, code, artifacts } of brokenProducts) {
      it(`are refused for ${name}`, async () => {
        assertUsefulError(await errorOf(() => convert(artifacts)), [code]);
      });
    }
  });
}

function checkChecks(definitions: Definitions, pipeline: Pipeline, runLevelChecks: boolean): void {
  const native = pipeline.checks.filter(({ primary }) => runLevelChecks || primary !== null);
  assertSameSet(ids(definitions.checks), ids(native), 'checks');
  for (const check of pipeline.checks.filter((other) => !native.includes(other))) {
    const isNamed = definitions.warnings.some(({ message, location }) =>
      `${message} ${location?.node ?? ''}`.includes(check.name),
    );
    assert.ok(isNamed, `the check ${check.name} is left out without a warning`);
  }
}

function checkTriggers(definitions: Definitions, pipeline: Pipeline, supported: readonly string[]): void {
  assertSameSet(
    ids(definitions.jobs),
    pipeline.jobs.map(({ name }) => name),
    'jobs',
  );
  assertSameSet(
    ids(definitions.schedules),
    pipeline.schedules.map(({ name }) => name),
    'schedules',
  );
  const sensors = pipeline.sensors.filter(({ type }) => supported.includes(type));
  assertSameSet(
    ids(definitions.sensors),
    sensors.map(({ name }) => name),
    'sensors',
  );
  for (const sensor of pipeline.sensors.filter((other) => !sensors.includes(other))) {
    const isNamed = definitions.warnings.some(({ message, location }) =>
      `${message} ${location?.node ?? ''}`.includes(sensor.name),
    );
    assert.ok(isNamed, `the sensor ${sensor.name} is left out without a warning`);
  }
}

/** Edges between assets are compared by name; those from sources by number, because only the plugin knows their names. */
function checkEdges(definitions: Definitions, pipeline: Pipeline): void {
  const nativeNames = new Map(definitions.assets.map(({ id, nativeName }) => [id, nativeName]));
  const native = new Set(nativeNames.values());
  const assetIds = new Set(ids(pipeline.assets));
  const expected = pipeline.assets.flatMap(({ id, upstream }) =>
    upstream.filter((other) => assetIds.has(other)).map((other) => edge(nativeNames.get(other), nativeNames.get(id))),
  );
  const between = definitions.edges.filter(([from, to]) => native.has(from) && native.has(to));
  assertSameSet(
    between.map(([from, to]) => edge(from, to)),
    expected,
    'edges',
  );
  assertUnique(
    definitions.edges.map(([from, to]) => edge(from, to)),
    'edges',
  );
  for (const { id, upstream } of pipeline.assets) {
    const sources = upstream.filter((other) => !assetIds.has(other)).length;
    const found = definitions.edges.filter(([from, to]) => to === nativeNames.get(id) && !native.has(from)).length;
    assert.equal(found, sources, `${id} reads ${sources} sources, its definition ${found}`);
  }
}

function checkNames(definitions: Definitions): void {
  for (const kind of ['assets', 'checks', 'jobs', 'schedules', 'sensors'] as const) {
    assertUnique(ids(definitions[kind]), `ids of ${kind}`);
    const names = definitions[kind].map(({ nativeName }) => nativeName);
    assert.ok(!names.includes(''), `an empty name among ${kind}`);
    assertUnique(names, `names of ${kind}`);
  }
}

function checkFiles({ files }: Definitions): void {
  assert.ok(files.length > 0, 'there are no files');
  assertUnique(
    files.map(({ path }) => path),
    'files',
  );
  for (const { path, content } of files) {
    assert.match(path, /^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/, `${path} is no plain relative path`);
    assert.ok(!path.split('/').includes('..'), `${path} leaves the bundle`);
    assert.equal(typeof content, 'string');
  }
}

function ids(entries: readonly (DefinitionEntry | { readonly id: string })[]): string[] {
  return entries.map(({ id }) => id);
}

function edge(from: string | undefined, to: string | undefined): string {
  return `${from ?? '(not converted)'} → ${to ?? '(not converted)'}`;
}
