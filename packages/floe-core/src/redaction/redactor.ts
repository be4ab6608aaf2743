/** Removes secrets from text that leaves the process. */
export interface Redactor {
  /** Remembers a secret value; from now on it is replaced in every text. */
  register(secret: string): void;
  /** The text with known secret values, secret-looking pairs and URL passwords replaced by `***`. */
  redactText(text: string): string;
  /** The same for every string inside plain data; values under secret-looking keys are replaced whole. */
  redactValue(value: unknown): unknown;
}
