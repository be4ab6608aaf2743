/** Version of this package, equal to package.json; written into artifacts as `metadata.floe_version`. */
export const coreVersion = '0.1.0';
