/**
 * The rooms of src/ and what each may import, type imports included. `npm run arrows` holds them (as part of
 * `npm run lint`); `npm run architecture` draws them into docs/architecture.md.
 *
 * A room may always import itself and the leaves. What is not listed is forbidden, and so is a room without an entry.
 */
const leaves = ["async", "environment", "errors", "random", "redaction", "steps"];

const rooms = {
  ledger: [],
  threads: [],
  playwright: [],
  network: ["threads"],
  toxiproxy: ["threads"],
  oracles: ["ledger"],
  timeline: ["ledger", "oracles"],
  report: ["ledger"],
  matchers: ["ledger", "oracles"],
  workers: ["ledger", "oracles", "network"],
  inboxes: ["network", "workers"],
  chaos: ["ledger", "network", "toxiproxy"],
  apps: ["ledger", "network", "chaos", "workers"],
  verification: ["ledger", "oracles", "workers"],
  compat: ["inboxes"],
  load: ["ledger", "network", "report", "toxiproxy", "workers"],
  cli: ["load", "network", "toxiproxy", "workers"],
};

/** The rooms inside the embedded node. A name stands for its subfolders too. */
const networkRooms = {
  proto: [],
  association: ["proto"],
  mls: ["proto"],
  // What clients may ask of a node: memory, turns, names.
  bounds: [],
  grpc: ["bounds"],
  history: ["bounds"],
  identity: ["association", "proto"],
  // Frames are stored encoded: one encoding serves every subscriber.
  store: ["association", "grpc", "proto"],
  state: ["association", "proto", "store"],
  services: ["association", "grpc", "identity", "mls", "proto", "store"],
  faults: ["grpc", "store"],
  node: [
    "association",
    "bounds",
    "faults",
    "grpc",
    "history",
    "identity",
    "proto",
    "services",
    "state",
    "store",
  ],
};

/** The rooms inside the embedded Toxiproxy. */
const toxiproxyRooms = {
  wire: [],
  toxics: ["wire"],
  plane: ["toxics"],
  server: ["plane", "toxics", "wire"],
  control: ["wire"],
};

const anyOf = (names) => (names.length === 0 ? "(?!)" : `(${names.join("|")})`);

/** What each room of a folder may not import from that folder. */
function arrowsOf(folder, table, open) {
  const known = anyOf([...Object.keys(table), ...open]);
  return [
    ...Object.entries(table).map(([room, may]) => ({
      name: `arrow-${folder.replaceAll("/", "-")}-${room}`,
      comment: `${folder}/${room} may import: ${[...open, ...may].join(", ") || "nothing of its neighbours"}.`,
      severity: "error",
      from: { path: `^${folder}/${room}(/|\\.ts$)` },
      to: { path: `^${folder}/`, pathNot: `^${folder}/${anyOf([room, ...open, ...may])}(/|\\.ts$)` },
    })),
    {
      name: `room-unknown-${folder.replaceAll("/", "-")}`,
      comment: `This folder of ${folder} is not in the table of .dependency-cruiser.mjs: say what it may import.`,
      severity: "error",
      from: { path: `^${folder}/[^/]+/`, pathNot: `^${folder}/${known}/` },
      to: {},
    },
  ];
}

export default {
  forbidden: [
    {
      name: "circle",
      comment: "Two files need each other: give what both need a file of its own.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "upward",
      comment: "src/ (but for src/compat) knows nothing of the fixtures, tests and benchmarks that use it.",
      severity: "error",
      // The suites that people bring along stand on the fixtures, as their users do.
      from: { path: "^src/", pathNot: "^src/compat/" },
      to: { path: "^(fixtures|tests|bench|examples|scripts)/" },
    },
    {
      name: "unresolved",
      comment: "This import leads nowhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "arrow-src-leaf",
      comment: "A leaf imports leaves only.",
      severity: "error",
      from: { path: `^src/${anyOf(leaves)}(/|\\.ts$)` },
      to: { path: "^src/", pathNot: `^src/${anyOf(leaves)}(/|\\.ts$)` },
    },
    ...arrowsOf("src", rooms, leaves),
    ...arrowsOf("src/network", networkRooms, ["types"]),
    ...arrowsOf("src/toxiproxy", toxiproxyRooms, []),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|node_modules)/" },
    includeOnly: { path: "^(src|fixtures|tests|bench|examples|scripts)/" },
  },
};
