const mask = '***';

/** `scheme://userinfo@host`; the last @ before the path counts, because passwords may hold one. */
const userInfo = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/?#"'`<>]{1,1000})@/gi;
/** A user and a password with any signs, up to the last @; a port with a path is none. */
const userAndPassword =
  /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/@:"'`<>]{0,200}:(?!\d{1,5}\/)(?:(?!:\/\/)[^\s"'`<>]){1,1000})@/gi;
const bearer = /\b(bearer[ \t]{1,8})([A-Za-z0-9._~+/-]{8,}=*)/gi;
const basic = /\b(basic[ \t]{1,8})([A-Za-z0-9+/]{4,}={0,2})/gi;
const jsonWebToken = /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g;
const privateKey =
  /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----(?:[\w+/=\s\\:,.]|-(?!----))*(?:-----END [A-Z0-9 ]{0,30}-----)?/g;
const knownTokens =
  /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|xox[abpsr]-[A-Za-z0-9-]{10,}|pnu_[A-Za-z0-9]{20,}|(?:AKIA|ASIA)[A-Z0-9]{16})\b/g;
const signedQuery = /([?&](?:sig|signature)=)([^&\s"'`<>]+)/gi;

/** Replaces what is a secret by its shape alone: passwords in URLs, bearer tokens, private keys, known token formats. */
export function redactShapes(text: string): string {
  return text
    .replace(privateKey, mask)
    .replace(userAndPassword, (_whole, scheme: string) => `${scheme}${mask}@`)
    .replace(userInfo, (whole, scheme: string, user: string) =>
      // The user of ssh is part of the address.
      /ssh:\/\/$/i.test(scheme) && !user.includes(':') ? whole : `${scheme}${mask}@`,
    )
    .replace(signedQuery, (_whole, name: string) => `${name}${mask}`)
    .replace(bearer, (whole, scheme: string, token: string) =>
      /^[a-z]{1,20}[.,]?$/.test(token) ? whole : `${scheme}${mask}`,
    )
    .replace(basic, (whole, scheme: string, token: string) => (isUserAndPassword(token) ? `${scheme}${mask}` : whole))
    .replace(jsonWebToken, mask)
    .replace(knownTokens, mask);
}

function isUserAndPassword(token: string): boolean {
  return /^[\x20-\x7e\x80-\uffff]*:/.test(Buffer.from(token, 'base64').toString('utf8'));
}
