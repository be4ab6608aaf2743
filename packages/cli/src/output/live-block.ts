import { truncateText } from './text-width.js';

/** Where a block is drawn. */
export interface LiveTarget {
  write(text: string): void;
  /** Columns of the terminal; read at every drawing, since windows change. */
  readonly columns: number;
}

/** Lines at the end of a terminal that are drawn again in place; other lines go above them. */
export interface LiveBlock {
  /** Replaces the block; `lines` go above it and stay. */
  show(block: readonly string[], lines?: readonly string[]): void;
  /** Takes the block away. */
  close(): void;
}

const clearBelow = '\u001b[0J';

/** A block on a terminal that understands the usual cursor sequences. */
export function createLiveBlock(target: LiveTarget): LiveBlock {
  let height = 0;
  const erase = (): string => (height === 0 ? '' : `\u001b[${height}A\r${clearBelow}`);
  return {
    show(block, lines = []) {
      // A line that wraps would take two rows and spoil the next drawing.
      const cut = block.map((line) => truncateText(line, Math.max(1, target.columns - 1)));
      target.write(erase() + [...lines, ...cut].map((line) => `${line}\n`).join(''));
      height = cut.length;
    },
    close() {
      if (height > 0) target.write(erase());
      height = 0;
    },
  };
}

/** For files and pipes: lines are written, the block is not. */
export function createPlainBlock(write: (text: string) => void): LiveBlock {
  return {
    show(_block, lines = []) {
      for (const line of lines) write(`${line}\n`);
    },
    close: () => undefined,
  };
}
