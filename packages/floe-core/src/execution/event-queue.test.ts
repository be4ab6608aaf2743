import { describe, expect, it } from '@jest/globals';
import { EventQueue } from './event-queue.js';
import type { RunEvent } from './run-events.js';

const log = (text: string): RunEvent => ({ type: 'log', line: { at: null, level: 'info', text } });
const phase: RunEvent = { type: 'phase', phase: 'running' };

async function drain(queue: EventQueue): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of queue) events.push(event);
  return events;
}

describe('EventQueue', () => {
  it('gives events in order, those from before the iteration too, and ends', async () => {
    const queue = new EventQueue();
    queue.push(log('1'));
    const reading = drain(queue);
    await Promise.resolve();
    queue.push(log('2'));
    queue.push(phase);
    queue.close();
    queue.push(log('after the end'));
    expect(await reading).toEqual([log('1'), log('2'), phase]);
  });

  it('goes on where a consumer left off', async () => {
    const queue = new EventQueue();
    queue.push(log('1'));
    queue.push(log('2'));
    queue.close();
    for await (const event of queue) {
      expect(event).toEqual(log('1'));
      break;
    }
    expect(await drain(queue)).toEqual([log('2')]);
  });

  it('keeps within its limit when nobody reads: log lines go first, then what is oldest', async () => {
    const queue = new EventQueue();
    for (let index = 0; index < 30_000; index += 1) queue.push(log(String(index)));
    queue.push(phase);
    queue.close();
    const events = await drain(queue);
    expect(events.length).toBeLessThanOrEqual(10_001);
    expect(events.at(-1)).toEqual(phase);

    const phases = new EventQueue();
    for (let index = 0; index < 30_000; index += 1) phases.push(phase);
    phases.close();
    expect((await drain(phases)).length).toBeLessThanOrEqual(10_000);
  });
});
