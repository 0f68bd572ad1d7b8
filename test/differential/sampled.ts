/** One in so many cases, always the same ones: the short form for a check of every change. All of them unless told. */
const EVERY = Number(process.env.FLOWLOG_TEST_EVERY ?? '1');

export const sampled = <T>(cases: readonly T[]): readonly T[] => cases.filter((_, i) => i % EVERY === 0);
