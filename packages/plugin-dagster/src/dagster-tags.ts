const partOfTag = /^[A-Za-z0-9_.-]{1,63}$/u;
const mailAddress = /^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z|]{2,7}$/u;

/** True if Dagster takes the text as the key of an asset tag: `name` or `namespace/name`. */
export function isTagKey(text: string): boolean {
  const parts = text.split('/');
  return parts.length <= 2 && parts.every((part) => partOfTag.test(part));
}

/** A tag of dbt as the key of an asset tag; what Dagster refuses becomes an underscore. */
export function tagKey(text: string): string {
  if (isTagKey(text)) return text;
  const legal = text.replace(/[^A-Za-z0-9_.-]/gu, '_').slice(0, 63);
  return legal === '' ? '_' : legal;
}

/** An owner as Dagster takes it: a mail address, or `team:<name>`. */
export function ownerName(text: string): string {
  if (mailAddress.test(text) || (text.startsWith('team:') && text.length > 'team:'.length)) return text;
  return `team:${text}`;
}
