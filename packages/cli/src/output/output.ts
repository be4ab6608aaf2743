import type { ErrorDocument } from '@floe/core/errors/floe-error';
import type { Problem } from '@floe/core/errors/problem';
import type { Redactor } from '@floe/core/redaction/redactor';
import type { OutputStream } from '../environment.js';
import { renderError, renderProblems } from './error-report.js';
import { jsonDocument } from './json-document.js';
import { createLiveBlock, createPlainBlock, type LiveBlock } from './live-block.js';
import { createStyles, wantsColor, type Styles } from './styles.js';

export type OutputFormat = 'text' | 'json';

export interface OutputSettings {
  readonly format: OutputFormat;
  /** False with `--no-color`. */
  readonly color: boolean;
  readonly directory: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly redactor: Redactor;
}

/** What a command ends with; the only thing that reaches standard output. */
export interface CommandResult {
  readonly exitCode: number;
  /** For `--output json`. */
  readonly result?: unknown;
  /** For people. */
  readonly text?: string;
  readonly error?: ErrorDocument;
}

/** Everything that the command writes goes through here and through the redactor. */
export interface Output {
  readonly format: OutputFormat;
  /** Styles of standard output. */
  readonly styles: Styles;
  /** Styles of standard error. */
  readonly progressStyles: Styles;
  /** Columns of standard output when it is a terminal. */
  readonly width: number | undefined;
  /** A line of progress on standard error. */
  progress(line: string): void;
  /** Warnings on standard error. */
  warn(problems: readonly Problem[]): void;
  /** Lines that stay and a block below them that is drawn again, on standard error. */
  liveBlock(): LiveBlock;
  /** Writes the end of the command: text for people, or exactly one JSON document. */
  finish(result: CommandResult): void;
}

/** Makes the writer of one command. */
export function createOutput(settings: OutputSettings): Output {
  const { format, directory, redactor, stdout, stderr } = settings;
  const stylesFor = (stream: OutputStream): Styles =>
    createStyles(
      wantsColor({ requested: settings.color, isTerminal: stream.isTTY === true, variables: settings.variables }),
    );
  const styles = stylesFor(stdout);
  const progressStyles = stylesFor(stderr);
  const isLive = stderr.isTTY === true && format === 'text' && settings.variables.TERM !== 'dumb';
  const writeError = (text: string): void => {
    stderr.write(redactor.redactText(text));
  };
  const writeResult = (text: string): void => {
    if (text !== '') stdout.write(`${redactor.redactText(text).trimEnd()}\n`);
  };
  return {
    format,
    styles,
    progressStyles,
    width: stdout.isTTY === true ? columnsOf(stdout) : undefined,
    progress(line) {
      writeError(`${line}\n`);
    },
    warn(problems) {
      if (problems.length > 0) writeError(`${renderProblems(problems, { styles: progressStyles, directory })}\n`);
    },
    liveBlock() {
      if (!isLive) return createPlainBlock(writeError);
      return createLiveBlock({
        write: writeError,
        get columns() {
          return columnsOf(stderr);
        },
      });
    },
    finish({ result, text, error }) {
      if (format === 'json') {
        stdout.write(`${JSON.stringify(redactor.redactValue(jsonDocument(result, error)))}\n`);
      } else if (text !== undefined) {
        writeResult(text);
      } else if (error !== undefined) {
        writeError(`${renderError(error, { styles: progressStyles, directory })}\n`);
      }
    },
  };
}

/** Terminals without a size (some of containers and of build servers) say 0. */
function columnsOf(stream: OutputStream): number {
  return stream.columns === undefined || stream.columns < 1 ? 80 : stream.columns;
}
