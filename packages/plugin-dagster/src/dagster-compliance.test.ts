import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { DagsterTests } from '../tests/support/dagster-tests.js';

new DagsterTests().registerPure({ describe, it, beforeAll, afterAll });
