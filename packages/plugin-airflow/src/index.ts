export { airflowCapabilities, airflowMetadata } from './airflow-metadata.js';
