import { truncateText } from './text-width.js';

/** Where a block is drawn. */
export interface LiveTarget {
  write(text: string): void;
  /** Columns of the terminal; read at every drawing, since windows change. */
  readonly columns: number;
}

/** Lines at the end of a terminal that are drawn again in place; other lines go above them. */
export interface LiveBlock {
  /** Puts lines above the block; they stay. */
  print(lines: readonly string[]): void;
  /** Replaces the block. */
  update(lines: readonly string[]): void;
  /** Takes the block away. */
  close(): void;
}

const clearBelow = '\u001b[0J';

/** A block on a terminal that understands the usual cursor sequences. */
export function createLiveBlock(target: LiveTarget): LiveBlock {
  let shown: readonly string[] = [];
  const erase = (): string => (shown.length === 0 ? '' : `\u001b[${shown.length}A\r${clearBelow}`);
  const draw = (lines: readonly string[]): string =>
    lines.map((line) => `${truncateText(line, Math.max(1, target.columns - 1))}\n`).join('');
  return {
    print(lines) {
      if (lines.length > 0) target.write(erase() + lines.map((line) => `${line}\n`).join('') + draw(shown));
    },
    update(lines) {
      target.write(erase() + draw(lines));
      shown = lines;
    },
    close() {
      if (shown.length > 0) target.write(erase());
      shown = [];
    },
  };
}

/** For files and pipes: lines are written, the block is not. */
export function createPlainBlock(write: (text: string) => void): LiveBlock {
  return {
    print(lines) {
      for (const line of lines) write(`${line}\n`);
    },
    update: () => undefined,
    close: () => undefined,
  };
}
