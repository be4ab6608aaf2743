import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { ReferenceTests } from '../../tests/reference/reference-tests.js';

new ReferenceTests().register({ describe, it, beforeAll, afterAll });
