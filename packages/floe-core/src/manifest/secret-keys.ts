const secretWords = new Set([
  'password',
  'passwd',
  'pwd',
  'pass',
  'passphrase',
  'passcode',
  'secret',
  'secrets',
  'token',
  'tokens',
  'credential',
  'credentials',
  'apikey',
  'authorization',
  'pat',
  'jwt',
]);
const secretPairs = /(?:^|_)(?:api|access|private|secret|account|signing|encryption|auth|shared|master)_key$/u;
/** Quick look: most keys have none of these letters in a row. */
const maybeSecret = /pass|pwd|secret|token|credential|key|authorization|pat$|jwt/iu;
const notSecrets = /(?:^|_)(?:allow|require|use|has|is|max|min)_|(?:^|_)allowed_secret_refs$/u;

/**
 * True for keys whose value is by its name a secret: password, client_secret, apiKey, private_key, Authorization, …
 * Names that only speak about a secret (token_url, secret_name, connection_secret_ref) are not.
 */
export function isSecretKey(key: string): boolean {
  if (!maybeSecret.test(key)) return false;
  const name = key
    .replace(/([a-z0-9])([A-Z])/gu, '$1_$2')
    .replace(/[\s.-]+/gu, '_')
    .toLowerCase();
  if (notSecrets.test(name)) return false;
  const last = name.split('_').at(-1) ?? name;
  return (
    secretWords.has(last) ||
    secretPairs.test(name) ||
    name === 'keyfile_json' ||
    /(?:password|secret|apikey)$/u.test(name)
  );
}

/** True for keys that hold a reference: connection_secret_ref, allowed_secret_refs. */
export function isReferenceKey(key: string): boolean {
  return /(?:_ref|_refs|Ref|Refs)$/u.test(key);
}
