/**
 * The difference between two clocks that is allowed unless something else is said, in seconds (RFC 4120 section 3.2.3:
 * "e.g., 5 minutes").
 */
export const DEFAULT_SKEW_SECONDS = 300;
