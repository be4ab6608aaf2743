/** Frames and headers of Python and JavaScript stack traces. */
const pythonHeader = /^\s*(?:Traceback \(most recent call last\)|Stack Trace):\s*$/;
const pythonFrame = /^\s*File ".*", line \d+(?:, in .*)?$/;
const javascriptFrame = /^\s+at (?:.+ \()?(?:file:|node:|\/|[A-Za-z]:\\).*:\d+:\d+\)?$/;

/** A message without the stack trace in it: what happened stays, where in whose code goes (REQ-028). */
export function withoutStackTrace(text: string): string {
  const kept: string[] = [];
  let inTraceback = false;
  for (const line of text.split('\n')) {
    if (pythonHeader.test(line) || pythonFrame.test(line)) {
      inTraceback = true;
      continue;
    }
    if (javascriptFrame.test(line)) continue;
    // source lines of a frame are indented, the exception itself is not
    if (inTraceback && /^\s+\S/.test(line)) continue;
    inTraceback = false;
    kept.push(line);
  }
  return kept.join('\n').trim();
}
