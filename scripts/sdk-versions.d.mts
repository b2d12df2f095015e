export { cache, root } from "./install-once.mjs";
/** Where the versions are installed; named after their lockfile. */
export const home: string;
/** The version this repository develops on. */
export const primary: string;
/** The versions under test besides that one, oldest first. */
export const others: readonly string[];
/** All of them, oldest first. */
export const all: readonly string[];
/** The installed folder of a version; a prefix such as "6.1" names the first that begins so. */
export function folderOf(version: string): string;
/** Installs the versions once per lockfile. */
export function installVersions(): void;
