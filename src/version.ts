/** Replaced by package.json's version when the program is built. */
declare const FLOWLOG_VERSION: string | undefined;

export const VERSION: string = typeof FLOWLOG_VERSION === 'string' ? FLOWLOG_VERSION : '0.0.0-source';
