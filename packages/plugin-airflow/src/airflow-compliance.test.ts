import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { AirflowTests } from '../tests/support/airflow-tests.js';

new AirflowTests().registerPure({ describe, it, beforeAll, afterAll });
