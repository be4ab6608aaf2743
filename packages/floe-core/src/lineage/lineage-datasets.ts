import type { Asset, Check, Pipeline, Relation } from '../pipeline/pipeline.js';
import { datasetName } from './dataset-name.js';
import { schemaFacet } from './lineage-facets.js';
import type { LineageEvent } from './lineage-event.js';

type Input = LineageEvent['inputs'][number];
type Output = LineageEvent['outputs'][number];

/** The datasets of a product's nodes. A seed and the source that reads its table are one dataset. */
export class LineageDatasets {
  readonly #namespace: string;
  readonly #relations: ReadonlyMap<string, Relation | null>;

  constructor({ assets, sources }: Pipeline, namespace: string) {
    this.#namespace = namespace;
    this.#relations = new Map([...sources, ...assets].map(({ id, relation }) => [id, relation]));
  }

  inputsOf({ upstream, relation }: Asset): Input[] {
    const own = relation === null ? undefined : datasetName(relation);
    return this.#datasets(upstream).filter(({ name }) => name !== own);
  }

  outputsOf({ relation, columns }: Asset): Output[] {
    if (relation === null) return [];
    const facets = columns.length === 0 ? {} : { facets: { schema: schemaFacet(columns) } };
    return [{ namespace: this.#namespace, name: datasetName(relation), ...facets }];
  }

  /** A unit test reads no data. */
  testedBy({ kind, primary, additional }: Check): Input[] {
    return kind === 'unit' ? [] : this.#datasets([...(primary === null ? [] : [primary]), ...additional]);
  }

  #datasets(ids: readonly string[]): Input[] {
    const relations = ids.map((id) => this.#relations.get(id) ?? null).filter((relation) => relation !== null);
    return [...new Set(relations.map(datasetName))].map((name) => ({ namespace: this.#namespace, name }));
  }
}
