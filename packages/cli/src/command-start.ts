import type { OptionValues } from '@commander-js/extra-typings';
import type { CommandContext } from './command-context.js';
import type { CommandResult } from './output/output.js';

/** Options that every command takes. */
export interface GlobalOptions extends OptionValues {
  readonly project?: string | undefined;
  readonly manifest?: string | undefined;
  readonly home?: string | undefined;
  readonly output: 'text' | 'json';
  readonly color: boolean;
}

/** One command with its options bound; its module is loaded inside. */
export type BoundCommand = (context: CommandContext) => Promise<CommandResult>;

/** Starts a command that was parsed; the program itself neither reads nor writes anything. */
export type StartCommand = (globals: GlobalOptions, command: BoundCommand) => Promise<void>;
