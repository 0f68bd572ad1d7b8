import fc from 'fast-check';

/** Random tests take the same values in every run; another seed is set with FLOWLOG_TEST_SEED. */
export const SEED = Number(process.env.FLOWLOG_TEST_SEED ?? 1);

// A failure prints the seed and the smallest values that fail.
fc.configureGlobal({ seed: SEED });

/** How often a property is tried: ten times as often with FLOWLOG_TEST_LONG=1. */
export const runs = (short: number): number => (process.env.FLOWLOG_TEST_LONG ? 10 * short : short);
