import { describe, expect, it } from '@jest/globals';
import { parseTimeZone } from './time-zone.js';

describe('parseTimeZone', () => {
  it.each([
    'UTC',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'America/Port-au-Prince',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'US/Eastern',
    'Etc/GMT+5',
    'Europe/Kyiv',
    'Europe/Kiev',
  ])('accepts %s', (name) => {
    expect(parseTimeZone(name)).toEqual({ ok: true, value: name });
  });

  it('accepts every zone that JavaScript lists', () => {
    for (const name of Intl.supportedValuesOf('timeZone')) expect(parseTimeZone(name).ok).toBe(true);
  });

  it.each([
    ['utc', '"utc" is not a name of the IANA time zone database.', 'Did you mean "UTC"?'],
    ['europe/berlin', '"europe/berlin" is not a name of the IANA time zone database.', 'Did you mean "Europe/Berlin"?'],
    ['Europe/Berln', '"Europe/Berln" is not a name of the IANA time zone database.', 'Did you mean "Europe/Berlin"?'],
    ['Asia/Kolkatta', '"Asia/Kolkatta" is not a name of the IANA time zone database.', 'Did you mean "Asia/Kolkata"?'],
    ['+02:00', '"+02:00" is an offset, not a time zone.', 'Write the name of a place, such as Europe/Berlin, or UTC.'],
    ['UTC+2', '"UTC+2" is an offset, not a time zone.', 'Write the name of a place, such as Europe/Berlin, or UTC.'],
    ['Mars/Olympus_Mons', '"Mars/Olympus_Mons" is not a name of the IANA time zone database.', expect.any(String)],
    ['', '"" is not a name of the IANA time zone database.', expect.any(String)],
    [
      'Europe/Berlin ',
      '"Europe/Berlin " is not a name of the IANA time zone database.',
      'Did you mean "Europe/Berlin"?',
    ],
  ])('refuses %j and says what is near', (name, message, resolution) => {
    expect(parseTimeZone(name)).toEqual({ ok: false, failure: { message, resolution } });
  });
});
