import { tellEnvironmentPlace } from "../environment.js";

/**
 * Prints what the environment does to the run, once, from the runner: it loads each test file before the first test,
 * while a Playwright process knows of no other one. A script that only imports the package hears nothing.
 */
export function tellInRunner(): void {
  if (
    /[\\/](@playwright[\\/]test|playwright)[\\/]cli\.js$|[\\/]\.bin[\\/]playwright$/u.test(
      process.argv[1] ?? "",
    )
  )
    tellEnvironmentPlace();
}
