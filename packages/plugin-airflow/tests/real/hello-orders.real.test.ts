import { describeHelloOrders } from '@floe/test-products/suites/hello-orders-suite';
import { TestAirflow } from '../support/test-airflow.js';

describeHelloOrders({
  title: 'Airflow',
  version: '3.3.2',
  actions: ['create', 'reload'],
  start: () => TestAirflow.start(),
});
