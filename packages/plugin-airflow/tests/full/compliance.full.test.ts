import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { AirflowTests } from '../support/airflow-tests.js';

new AirflowTests().register({ describe, it, beforeAll, afterAll });
