import { parseArgs } from "node:util";
import { errorText, XmtpTestError } from "../errors.js";

/** One option of a command: its default shows its type. */
export type OptionTable = Readonly<
  Record<string, { readonly default: string | number | boolean; readonly help: string }>
>;

type Values<T extends OptionTable> = {
  [K in keyof T]: T[K]["default"] extends number
    ? number
    : T[K]["default"] extends boolean
      ? boolean
      : string;
};

/**
 * Reads a command's options; prints its help and returns undefined for `--help`.
 *
 * @throws XmtpTestError `INVALID_OPTION` for an unknown option or a number that is none
 */
export function readOptions<T extends OptionTable>(
  command: string,
  args: string[],
  table: T,
): Values<T> | undefined {
  const options = Object.fromEntries(
    Object.entries({ ...table, help: { default: false } }).map(([name, { default: value }]) => [
      name,
      { type: typeof value === "boolean" ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  let values: Record<string, string | boolean | undefined>;
  try {
    values = parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    throw new XmtpTestError("INVALID_OPTION", errorText(error), `See \`playwright-xmtp ${command} --help\`.`);
  }
  if (values["help"] === true) {
    const lines = Object.entries(table).map(
      ([name, { default: value, help }]) =>
        `  --${name.padEnd(14)} ${help} (default ${JSON.stringify(value)})`,
    );
    console.log(`Usage: playwright-xmtp ${command} [options]\n\n${lines.join("\n")}`);
    return undefined;
  }
  const read = Object.entries(table).map(([name, { default: value }]) => [
    name,
    typed(name, values[name], value),
  ]);
  return Object.fromEntries(read) as Values<T>;
}

function typed(
  name: string,
  given: string | boolean | undefined,
  fallback: string | number | boolean,
): string | number | boolean {
  if (given === undefined || typeof fallback !== "number") return given ?? fallback;
  const number = given === "" ? NaN : Number(given);
  if (!Number.isInteger(number) || number < 0) {
    throw new XmtpTestError("INVALID_OPTION", `--${name} is "${given}".`, "Give a whole number, 0 or more.");
  }
  return number;
}
