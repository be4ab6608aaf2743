/** Shorter values would blot out ordinary text; key names and URLs still cover them. */
const shortestSecret = 4;
/** A line of a key file that is worth hiding when it stands alone. */
const shortestLine = 8;
/** Pieces of base64 shorter than this would meet ordinary text by chance. */
const shortestBase64 = 8;

/**
 * Every form in which a secret may turn up in text: as it is, trimmed, line by line, URL-encoded, base64 (also inside a
 * longer base64 text), escaped for JSON, Python, HTML and shell.
 * @returns the forms without repetition; empty for a value that is too short
 */
export function formsOfSecret(secret: string): string[] {
  const values = new Set<string>();
  const trimmed = secret.trim();
  if (isLongEnough(trimmed)) {
    values.add(trimmed);
    for (const line of trimmed.split(/\r?\n/)) {
      const text = line.trim();
      // The frame of a PEM file is no secret.
      if (text.length >= shortestLine && !text.startsWith('-----')) values.add(text);
    }
  }
  const forms = new Set<string>();
  for (const value of values) {
    for (const form of [value, ...urlForms(value), ...base64Forms(value), ...escapedForms(value)]) {
      if (isLongEnough(form)) forms.add(form);
    }
  }
  return [...forms];
}

function isLongEnough(text: string): boolean {
  return text.length >= shortestSecret && !/^\**$/.test(text);
}

function urlForms(value: string): string[] {
  let component: string;
  try {
    component = encodeURIComponent(value);
  } catch {
    return []; // half a surrogate pair has no URL form
  }
  const strict = component.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const upper = [component, strict, component.replaceAll('%2F', '/'), strict.replaceAll('%20', '+'), encodeURI(value)];
  return [...upper, ...upper.map((form) => form.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()))];
}

/** Three alignments, because the value may stand anywhere in what was encoded, as in `user:password`. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const forms: string[] = [bytes.toString('base64'), bytes.toString('base64url')];
  for (const offset of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // Characters that also hold bits of the neighbours are left out on both sides.
    const begin = [0, 2, 3][offset] ?? 0;
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    const inner = encoded.slice(begin, end);
    if (inner.length >= shortestBase64) forms.push(inner, inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

function escapedForms(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const python = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  const html = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    json,
    JSON.stringify(json).slice(1, -1),
    ascii,
    ascii.replaceAll('/', '\\/'),
    python,
    python.replaceAll("'", "\\'"),
    html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    html.replaceAll('"', '&quot;').replaceAll("'", '&#x27;'),
    html,
    value.replaceAll("'", "'\\''"),
    value.replaceAll("'", "''"),
    value.replace(/\r?\n/g, '\r\n'),
    value.replace(/\r?\n/g, ' '),
    value.replace(/\r?\n/g, ''),
  ];
}
