import { styleText } from 'node:util';

/** Colours of the command; each returns the text unchanged when colours are off. */
export interface Styles {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** What decides about colours for one stream. */
export interface ColorQuestion {
  readonly requested: boolean;
  readonly isTerminal: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** True when a stream gets colours: `--no-color`, NO_COLOR, FORCE_COLOR and TERM=dumb are respected, in this order. */
export function wantsColor(question: ColorQuestion): boolean {
  const { NO_COLOR: noColor = '', FORCE_COLOR: forced = '', TERM: terminal } = question.variables;
  if (!question.requested || noColor !== '') return false;
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return question.isTerminal && terminal !== 'dumb';
}

/** Styles for one stream. */
export function createStyles(enabled: boolean): Styles {
  const style = (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan') => (text: string) =>
    enabled ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: style('bold'),
    dim: style('dim'),
    red: style('red'),
    green: style('green'),
    yellow: style('yellow'),
    cyan: style('cyan'),
  };
}
