import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { PrefectTests } from '../support/prefect-tests.js';

new PrefectTests().register({ describe, it, beforeAll, afterAll });
