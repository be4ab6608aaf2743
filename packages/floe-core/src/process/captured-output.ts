import { StringDecoder } from 'node:string_decoder';

const longestLine = 64 * 1024;

/** Keeps the last bytes of a stream and hands out its lines as they come. */
export interface CapturedOutput {
  readonly add: (chunk: Buffer) => void;
  /** Hands out the last line when it has no line end. */
  readonly finish: () => void;
  /** The text that was kept. */
  readonly text: () => string;
  /** True if the beginning was dropped. */
  readonly truncated: () => boolean;
}

/**
 * @param maxBytes how much of the end is kept
 * @param onLine gets each line without its line end; lines above 64 KiB come in pieces
 */
export function createCapturedOutput(maxBytes: number, onLine?: (line: string) => void): CapturedOutput {
  const decoder = new StringDecoder('utf8');
  let chunks: Buffer[] = [];
  let kept = 0;
  let dropped = false;
  let pending = '';

  const handOut = (text: string): void => {
    if (onLine === undefined) return;
    pending += text;
    const lines = pending.split(/\r?\n/);
    pending = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    while (pending.length > longestLine) {
      onLine(pending.slice(0, longestLine));
      pending = pending.slice(longestLine);
    }
  };

  return {
    add(chunk) {
      chunks.push(chunk);
      kept += chunk.length;
      if (kept > 2 * maxBytes) {
        chunks = [lastBytes(Buffer.concat(chunks), maxBytes)];
        kept = chunks[0]?.length ?? 0;
        dropped = true;
      }
      handOut(decoder.write(chunk));
    },
    finish() {
      handOut(decoder.end());
      if (pending !== '') onLine?.(pending);
      pending = '';
    },
    text: () => lastBytes(Buffer.concat(chunks), maxBytes).toString('utf8'),
    truncated: () => dropped || kept > maxBytes,
  };
}

/** The end of a buffer, beginning at a whole character. */
function lastBytes(buffer: Buffer, maxBytes: number): Buffer {
  if (buffer.length <= maxBytes) return buffer;
  let start = buffer.length - maxBytes;
  while (start < buffer.length && ((buffer[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return buffer.subarray(start);
}
