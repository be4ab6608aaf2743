import type { Redactor } from '../redaction/redactor.js';
import type { LogLine } from './job-result.js';

/** Lines and characters of a run's log that a result keeps. */
const maxLines = 500;
const maxLineLength = 4_000;

/** The end of a run's log, redacted. */
export class LogTail {
  readonly #redactor: Redactor;
  #lines: LogLine[] = [];

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** Takes new lines and gives them back as they may leave the process. */
  append(lines: readonly LogLine[]): readonly LogLine[] {
    const clean = lines.map((line) => {
      const text = this.#redactor.redactText(line.text);
      return { ...line, text: text.length > maxLineLength ? `${text.slice(0, maxLineLength)} …` : text };
    });
    this.#lines = [...this.#lines, ...clean].slice(-maxLines);
    return clean;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }
}
