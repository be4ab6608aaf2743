/**
 * Names that Prefect accepts (read and measured at 3.9.1). Flows and deployments refuse `/ % & < >`; keys of artifacts
 * are lower-case letters, digits and dashes; keys of assets are addresses of at most 512 characters; names of variables
 * are lower-case letters, digits, dashes and underscores.
 */
import { createHash } from 'node:crypto';

/** A product on a platform: the owner of what is deployed. */
export interface Owner {
  readonly platform: string;
  readonly product: string;
}

/** Longest key of an asset. */
export const assetKeyLimit = 512;

const illegalInName = /[^A-Za-z0-9_.-]/gu;
const illegalInArtifactKey = /[^a-z0-9-]/gu;
const illegalInVariable = /[^a-z0-9_-]/gu;

/** A text of which Prefect refuses nothing; what it refuses becomes `.u<code point>.`, so that texts stay different. */
export function namePart(text: string): string {
  return text.replaceAll('.u', '.u2e.u').replace(illegalInName, (character) => `.u${hex(character)}.`);
}

/** The text that `namePart` was given. */
export function unescapeName(name: string): string {
  return name.replace(/\.u([0-9a-f]+)\./gu, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}

/** The flow of a product. */
export function flowName(product: string): string {
  return `floe-${namePart(product)}`;
}

/** The flow that looks at files and addresses for a product; no product has a dot in its name. */
export function sensorFlowName(product: string): string {
  return `${flowName(product)}.sensors`;
}

/** The deployments of a product on a platform are named like the platform. */
export function deploymentName(platform: string): string {
  return namePart(platform);
}

/** Key of an artifact of a product's runs; artifacts are found by their run, the key is for people. */
export function artifactKey(product: string, kind: 'record' | 'results'): string {
  const part = product.toLowerCase().replace(illegalInArtifactKey, '-');
  return `floe-${part}-${kind}`;
}

/** Key of an asset: the parts of its key in the product, below the platform, so that dev and prod stay apart. */
export function assetKey(platform: string, key: readonly string[]): string {
  return `floe://${[platform, ...key].map(namePart).join('/')}`;
}

/** A check as floe names it: the asset that it belongs to, a hash sign, the check. */
export function qualifiedCheckName(key: string, name: string): string {
  return `${key}#${namePart(name)}`;
}

/** The resource of the events of a sensor. */
export function sensorResource({ platform, product }: Owner, sensor: string): string {
  return `floe.sensor.${[platform, product, sensor].map(namePart).join('/')}`;
}

/** The variable that keeps what a sensor saw last. */
export function cursorVariable({ platform, product }: Owner, sensor: string): string {
  const part = (text: string): string => text.toLowerCase().replace(illegalInVariable, '_').slice(0, 60);
  const hash = createHash('sha256').update([platform, product, sensor].join('\n')).digest('hex');
  return `floe_${part(platform)}_${part(product)}_${part(sensor)}_${hash.slice(0, 8)}`;
}

/** Name of the automation of a sensor. */
export function sensorAutomationName({ platform, product }: Owner, sensor: string): string {
  return `floe:${platform}:${product}:sensor:${sensor}`;
}

/** Name of the automation that ends runs whose process is gone. */
export function lostRunsAutomationName({ platform, product }: Owner): string {
  return `floe:${platform}:${product}:lost-runs`;
}

/** Tags by which the objects of a product on a platform are found; only these are ever changed or deleted. */
export function ownershipTags({ platform, product }: Owner): string[] {
  return ['floe', `floe:platform=${platform}`, `floe:product=${product}`];
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}

/** Of the flow that runs a product. */
export const productEntrypoint = 'flow.py:product_flow';
