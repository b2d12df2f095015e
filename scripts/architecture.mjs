// Draws docs/architecture.md from the code: what each room imports, and a sentence for every room.
// `npm run architecture` writes the pictures; with --check a stale picture or a room without a sentence fails.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const page = "docs/architecture.md";
const cruiser = "node_modules/dependency-cruiser/bin/dependency-cruise.mjs";

/** Leaves are left out of the first picture: every room imports them, and the lines would hide the others. */
const leaves = "^src/(async|errors|random|steps)(/|\\.ts$)";

const pictures = {
  rooms: ["--exclude", leaves, "--collapse", "^(src/[^/]+|fixtures)", "src", "fixtures"],
  network: ["--include-only", "^src/network/[^/]+/", "--collapse", "^src/network/[^/]+", "src/network"],
  toxiproxy: [
    "--include-only",
    "^src/toxiproxy/[^/]+/",
    "--collapse",
    "^src/toxiproxy/[^/]+",
    "src/toxiproxy",
  ],
};

function draw(args) {
  const text = execFileSync(process.execPath, [cruiser, ...args, "--output-type", "mermaid"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return `\`\`\`mermaid\n${withSortedArrows(text.trim())}\n\`\`\``;
}

/** As drawn, arrows follow the order of imports: moving a line of imports would make the picture stale. */
function withSortedArrows(text) {
  const lines = text.split("\n");
  const isArrow = (line) => /^\w+-->\w+$/u.test(line);
  return [...lines.filter((line) => !isArrow(line)), ...lines.filter(isArrow).sort()].join("\n");
}

function withPicture(text, name, drawing) {
  const [open, close] = [`<!-- drawn: ${name} -->`, `<!-- /drawn: ${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`${page} has no place "${open} … ${close}" for this picture.`);
  return `${text.slice(0, from + open.length)}\n\n${drawing}\n\n${text.slice(to)}`;
}

const before = readFileSync(page, "utf8");
let after = before;
for (const [name, args] of Object.entries(pictures)) after = withPicture(after, name, draw(args));

const rooms = readdirSync("src", { withFileTypes: true }).map((entry) => entry.name.replace(/\.ts$/u, ""));
const untold = rooms.filter((room) => !before.includes(`| \`${room}\``));
if (untold.length > 0) {
  console.error(`${page} has no sentence for: ${untold.join(", ")}. Add a row to its table of rooms.`);
  process.exitCode = 1;
}
if (!process.argv.includes("--check")) writeFileSync(page, after);
else if (after !== before) {
  console.error(`The pictures in ${page} are stale. Run \`npm run architecture\` and commit the result.`);
  process.exitCode = 1;
}
