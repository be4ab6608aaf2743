import { describeHelloOrders } from '@floe/test-products/suites/hello-orders-suite';
import { TestDagster } from '../support/test-dagster.js';

describeHelloOrders({
  title: 'Dagster',
  version: '1.13.27',
  actions: ['create', 'create', 'reload'],
  start: () => TestDagster.start(),
});
