import { createHash } from 'node:crypto';

/** Made once for floe; never changes. */
const floeNamespace = 'b6c2c3a4-8f0d-5b6e-9a41-0d6f10e5f1aa';

/** What one id stands for: a run, or one attempt of a node in it. */
export interface LineageRun {
  /** Namespace of the job. */
  readonly namespace: string;
  /** Key of the run. */
  readonly key: string;
  readonly node?: { readonly id: string; /** From 1. */ readonly attempt: number };
}

/**
 * The id of a run in lineage events: UUID version 5 over namespace, key, node and attempt, one a line. The runtime makes
 * the same (`vectors/lineage-run-ids.json`), so that sending an event twice, or from both sides, adds nothing.
 */
export function lineageRunId({ namespace, key, node }: LineageRun): string {
  return uuidVersion5(floeNamespace, `${namespace}\n${key}\n${node?.id ?? ''}\n${node?.attempt ?? 0}`);
}

/** RFC 9562, section 5.5. */
function uuidVersion5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest();
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const text = bytes.toString('hex');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}
