import { describeHelloOrders } from '@floe/test-products/suites/hello-orders-suite';
import { TestPrefect } from '../support/test-prefect.js';

describeHelloOrders({
  title: 'Prefect',
  version: '3.9.1',
  actions: ['create', 'create', 'create'],
  start: () => TestPrefect.start(),
});
