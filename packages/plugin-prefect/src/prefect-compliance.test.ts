import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { PrefectTests } from '../tests/support/prefect-tests.js';

new PrefectTests().registerPure({ describe, it, beforeAll, afterAll });
