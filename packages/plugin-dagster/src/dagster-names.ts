/**
 * Names that Dagster accepts (measured on 1.13; its rules are in dagster/_core/definitions/utils.py and asset_key.py).
 * The functions for keys are injective; the others keep names readable, and `collisions` finds what falls together.
 */

/** Words that Dagster refuses as the name of an op, a job, an output or an input: its own and Python's. */
const reservedNames: ReadonlySet<string> = new Set(
  [
    'context conf config meta arg_dict dict input_arg_dict output_arg_dict int str float bool input output type',
    'False None True and as assert async await break class continue def del elif else except finally for from global if',
    'import in is lambda nonlocal not or pass raise return try while with yield',
  ].flatMap((line) => line.split(' ')),
);

const illegalInKey = /[^A-Za-z0-9_.-]/gu;
const illegalInCheck = /[^A-Za-z0-9_.]/gu;
const illegalInName = /[^A-Za-z0-9_]/gu;

/** True if Dagster refuses the word as a name. */
export function isReservedName(name: string): boolean {
  return reservedNames.has(name);
}

/** One part of an asset key; what Dagster refuses becomes `.u<code point>.`, so that different texts stay different. */
export function keyPart(text: string): string {
  return escape(text, illegalInKey);
}

/** Name of an asset check; injective like `keyPart`. */
export function checkName(text: string): string {
  return escape(text, illegalInCheck);
}

function escape(text: string, illegal: RegExp): string {
  return text.replaceAll('.u', '.u2e.u').replace(illegal, (character) => `.u${hex(character)}.`);
}

/** The text that `keyPart` or `checkName` was given. */
export function unescapeName(name: string): string {
  return name.replace(/\.u([0-9a-f]+)\./gu, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}

/** Name of a job, schedule, sensor or op: letters, digits and underscores; dashes and dots become underscores. */
export function symbolName(text: string, suffix: 'job' | 'schedule' | 'sensor' | 'dbt'): string {
  return `${symbol(text)}_${suffix}`;
}

/** Name of an asset group. */
export function groupName(text: string): string {
  return symbol(text);
}

function symbol(text: string): string {
  return text.replace(/[-. /]/gu, '_').replace(illegalInName, (character) => `u${hex(character)}`);
}

/** Name of the pool in which a product has one slot. */
export function poolName(product: string): string {
  return `floe_${keyPart(product)}`;
}

/** The identifier that Dagster makes of an asset key for its output (AssetKey.to_python_identifier). */
export function outputIdentifier(key: readonly string[]): string {
  return key.join('__').replace(/[-.]/gu, '_');
}

/** The identifier that Dagster makes of an asset key that an op reads (stringify_asset_key_to_input_name). */
export function inputIdentifier(key: readonly string[]): string {
  return key.join('_').replace(/[-.]/gu, '_');
}

/** The identifier that Dagster makes of a check (AssetCheckSpec.get_python_identifier). */
export function checkIdentifier(key: readonly string[], name: string): string {
  return `${outputIdentifier(key)}_${name}`.replaceAll('.', '_');
}

/** An asset as Dagster writes it for people: parts joined by slashes. */
export function assetName(key: readonly string[]): string {
  return key.join('/');
}

/** A check as floe names it: the asset, a colon, the check. */
export function qualifiedCheckName(key: readonly string[], name: string): string {
  return `${assetName(key)}:${name}`;
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
