/** The browser's executable. */
export const browser: string;
/** Why there is none, or undefined. */
export const missing: string | undefined;
