import { didYouMean } from '../errors/did-you-mean.js';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import { timeZoneAliases } from './time-zone-aliases.js';

/** Why a time zone is refused, and what to write. */
export interface TimeZoneFailure {
  readonly message: string;
  readonly resolution: string;
}

/**
 * Accepts names of the IANA time zone database in their exact spelling, such as `Europe/Berlin` or `UTC`.
 * Offsets (`+02:00`) and other spellings (`europe/berlin`) are refused, since not every orchestrator reads them.
 */
export function parseTimeZone(text: string): Outcome<string, TimeZoneFailure> {
  const names = knownTimeZones();
  if (names.has(text)) return success(text);
  const example = 'Write the name of a place, such as Europe/Berlin, or UTC.';
  if (/^(?:UTC|GMT)?[+-]\d/iu.test(text)) {
    return failure({ message: `"${text}" is an offset, not a time zone.`, resolution: example });
  }
  return failure({
    message: `"${text}" is not a name of the IANA time zone database.`,
    resolution: didYouMean(text, names, example),
  });
}

function knownTimeZones(): ReadonlySet<string> {
  return new Set([...Intl.supportedValuesOf('timeZone'), ...timeZoneAliases]);
}
