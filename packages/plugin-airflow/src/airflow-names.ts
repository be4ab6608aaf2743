/**
 * Names that Airflow accepts (measured on 3.3). Products have no dots in their names, triggers and assets are escaped: so
 * every function here is injective.
 */

/** The task that runs dbt. */
export const buildTaskId = 'build';
/** The task that fails the run when work is missing. */
export const verdictTaskId = 'verdict';
/** The one task in the DAG of a schedule or sensor. */
export const fireTaskId = 'fire';
/** XCom key of the runtime's record. */
export const recordKey = 'floe_record';
/** Begins a log line of `build` that carries results of nodes. */
export const progressPrefix = 'floe:nodes ';
/** Key of a run's conf with the RunRequest. */
export const requestKey = 'floe';
/** Key of a run's conf with the name of the job whose nodes it runs when its request names none. */
export const jobKey = 'floe_job';
const runIdPrefix = 'floe__';
const bundleTagPrefix = 'floe-bundle:';

/** Longest address of an asset, ids of a DAG and a task, and tag that Airflow's database takes. */
export const assetUriLimit = 1500;
export const dagIdLimit = 250;
export const taskIdLimit = 250;
export const tagLimit = 100;

/** Words that Airflow refuses as the name of an asset. */
const reservedAssetNames: ReadonlySet<string> = new Set(['self', 'context']);

/** True if Airflow refuses an asset of this name. */
export function isReservedAssetName(name: string): boolean {
  return reservedAssetNames.has(name);
}

/** The DAG of a product. */
export function dagIdOf(product: string): string {
  return product;
}

/** The DAG that starts the product's by a schedule. */
export function scheduleDagId(product: string, schedule: string): string {
  return `${dagIdOf(product)}.schedule.${triggerWord(schedule)}`;
}

/** The DAG that starts the product's by a sensor. */
export function sensorDagId(product: string, sensor: string): string {
  return `${dagIdOf(product)}.sensor.${triggerWord(sensor)}`;
}

/** An asset: its parts joined by slashes; what an address cannot hold is percent-encoded. */
export function assetName(key: readonly string[]): string {
  return key.map(escapePart).join('/');
}

/** The parts that `assetName` was given. */
export function assetKey(name: string): string[] {
  return name.split('/').map(decodeURIComponent);
}

/** The address of an asset; one for each name, without any host, so that no provider of Airflow rewrites it. */
export function assetUri(name: string): string {
  return `x-floe://${name}`;
}

/** A check as floe names it: the asset, a colon, the check. Airflow has no object of its own for it. */
export function qualifiedCheckName(asset: string, check: string): string {
  return `${asset}:${check}`;
}

/** The run of a key. */
export function runIdOf(key: string): string {
  return `${runIdPrefix}${key}`;
}

/** The key of a run; a run that was started in Airflow's own pages has its id, in the letters of a key. */
export function keyOfRunId(runId: string): string {
  const text = runId.startsWith(runIdPrefix) ? runId.slice(runIdPrefix.length) : runId;
  return text.replace(/[^A-Za-z0-9._-]/gu, '-').slice(0, 128);
}

/** The bundle that the tags of a DAG tell, as `sha256:<hexadecimal digits>`. */
export function bundleHashOfTags(tags: readonly string[]): string | undefined {
  const tag = tags.find((name) => name.startsWith(bundleTagPrefix));
  return tag === undefined ? undefined : `sha256:${tag.slice(bundleTagPrefix.length)}`;
}

/** The tag by which the DAGs of a product are found. */
export function productTag(product: string): string {
  return `floe-product:${product}`;
}

/** A text in the letters of a task's id; injective. */
export function taskWord(text: string): string {
  return text
    .replaceAll('.u', '.u2e.u')
    .replace(/[^A-Za-z0-9_.-]/gu, (character) => `.u${hex(character).toLowerCase()}.`);
}

/** What Airflow refuses becomes `.u<code point>.`, dots as well. */
function triggerWord(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/gu, (character) => `.u${hex(character).toLowerCase()}.`);
}

function escapePart(part: string): string {
  // Half a character, which no address can hold, is no text of dbt's either.
  const text = part.replace(/\p{Surrogate}/gu, '\u{FFFD}');
  return encodeURIComponent(text).replace(/[!'()*]/gu, (character) => `%${hex(character)}`);
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
}
