// The version of the SDK, and how it names itself to the broker and in the log.

/** Semantic version; the same number in the Python SDK. What changed is in docs/agency.md of the platform. */
export const VERSION = '1.0.0'
export const PRODUCT = 'motcua-agency-node'
