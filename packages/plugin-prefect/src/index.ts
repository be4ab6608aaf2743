export { prefectMetadata } from './prefect-metadata.js';
