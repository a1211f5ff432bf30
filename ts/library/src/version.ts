// The version of this package, as its package.json says it; a test compares the two.

/** The version of the package. */
export const version = '0.1.0'
