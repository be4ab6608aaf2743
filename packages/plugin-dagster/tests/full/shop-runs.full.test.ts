import { describeShopRuns } from '@floe/test-products/suites/shop-runs-suite';
import { TestDagster } from '../support/test-dagster.js';

describeShopRuns(() => TestDagster.start());
