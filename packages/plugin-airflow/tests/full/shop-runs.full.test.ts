import { describeShopRuns } from '@floe/test-products/suites/shop-runs-suite';
import { TestAirflow } from '../support/test-airflow.js';

describeShopRuns(() => TestAirflow.start());
