const DAY = 86_400_000;

/** The first of the days of the sample logs: so near that few folders lie between it and now, most of them empty. */
export const FIRST_DAY = Math.floor(Date.now() / DAY - 2) * DAY;

/** The day after so many days, `2026-06-01`. */
export const day = (after: number) => new Date(FIRST_DAY + after * DAY).toISOString().slice(0, 10);
