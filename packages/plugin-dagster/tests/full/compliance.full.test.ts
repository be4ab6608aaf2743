import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { DagsterTests } from '../support/dagster-tests.js';

new DagsterTests().register({ describe, it, beforeAll, afterAll });
