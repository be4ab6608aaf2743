/** Words that make a key name a secret one. `pass` alone is not among them: dbt writes `PASS=5`. */
export const secretWords =
  'password|passwd|passphrase|pwd|secret|token|api[-_ ]?key|(?:access|private|account|signing|encryption|fernet|shared)[-_ ]?key|authorization|cookie|x-amz-signature|x-amz-credential';

const secretWord = new RegExp(secretWords, 'gi');
const notSecret =
  /^[-_]?(?:refs?|references?|name|names|url|uri|endpoint|type|file|path|dir|directory|env|environment|id|ids|count|limit|usage|expir\w*|ttl|scope|scopes|provider|store|manager|resolver|namespace|version|length|policy|not_\w+|in_\w+)$/i;

/** True if what follows a secret word in a key still leaves it a secret: `_hash`, `Value`, `2`, but not `_ref` or `izer`. */
export function isSecretEnding(ending: string): boolean {
  if (ending === '' || ending === 's' || ending === 'S') return true;
  if (!/^(?:s?[-_.A-Z0-9])/.test(ending)) return false;
  return !notSecret.test(ending.replace(/^s(?=[-_])/i, '').replaceAll('.', '_'));
}

/** True for the name of a field, header, variable or option whose value is a secret. */
export function isSecretKey(key: string): boolean {
  if (/^(?:credentials?|pass)$/i.test(key)) return true;
  // The last word decides: `secret_token_url` is an address.
  let last: RegExpExecArray | undefined;
  for (const match of key.matchAll(secretWord)) last = match;
  if (last === undefined) return false;
  return isSecretEnding(key.slice(last.index + last[0].length));
}

/** True for what stands in place of a secret and may be shown: references, templates, nothing, what is redacted. */
export function isHarmlessValue(value: string): boolean {
  const text = value.trim().replace(/[,;]$/, '');
  return (
    /^\**$/.test(text) ||
    /^(?:null|none|undefined|true|false|""|''|\[\]|\{\})$/i.test(text) ||
    /^env:[A-Za-z_][A-Za-z0-9_]*$/.test(text) ||
    /^file:\/[^\s]*$/.test(text) ||
    /^k8s:[a-z0-9.-]+\/[a-z0-9.-]+(?:#[A-Za-z0-9._-]+)?$/.test(text) ||
    /^\$\{?[A-Za-z_][A-Za-z0-9_]*\}?$/.test(text) ||
    /^\{\{\s*env_var\(\s*['"][A-Za-z0-9_]+['"]\s*\)\s*\}\}$/.test(text)
  );
}
