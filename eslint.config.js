import js from "@eslint/js";
import tseslint from "typescript-eslint";

/**
 * The rooms of src/ and what each may import, as docs/architecture.md draws them.
 * Every room may use `errors` and `threads`; what is not listed is forbidden.
 */
const arrows = {
  network: ["errors", "threads"],
  toxiproxy: ["errors", "threads"],
  oracles: [],
  timeline: ["errors"],
  report: ["errors"],
  workers: ["errors", "network", "oracles"],
  chaos: ["errors", "toxiproxy", "network"],
  playwright: ["errors"],
  verification: ["errors", "oracles", "workers"],
  matchers: ["errors", "oracles", "playwright"],
  threads: ["errors"],
  inboxes: ["errors", "network", "workers"],
  cli: ["errors", "network", "toxiproxy", "workers"],
};
/** Rooms that may name a type of another room without depending on its code. */
const typeOnly = {
  oracles: ["workers"],
  timeline: ["workers", "oracles"],
  matchers: ["workers", "chaos", "timeline"],
  chaos: ["workers", "oracles"],
  report: ["workers", "timeline", "oracles"],
};
const rooms = Object.keys(arrows);
const up = (names) => names.map((name) => `^(\\.\\./)+(${name})(/|\\.|$)|^#src/(${name})(/|\\.|$)`);
const roomRules = rooms.map((room) => {
  const open = new Set([room, ...arrows[room]]);
  const types = new Set(typeOnly[room] ?? []);
  const closed = rooms.filter((name) => !open.has(name) && !types.has(name));
  return {
    files: [`src/${room}/**/*.ts`],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: up([...closed, "fixtures", "tests", "bench"]).join("|"),
              message: `The room src/${room} may not import this room (see docs/architecture.md).`,
            },
            ...(types.size === 0
              ? []
              : [
                  {
                    regex: up([...types]).join("|"),
                    allowTypeImports: true,
                    message: `The room src/${room} may import types only from this room.`,
                  },
                ]),
          ],
        },
      ],
    },
  };
});

export default tseslint.config(
  {
    ignores: [
      "dist/**",
      "node_modules/**",
      ".cache/**",
      "src/network/proto/gen/**",
      "**/test-results/**",
      "**/playwright-report/**",
      "reports/**",
      ".stryker-tmp/**",
      "blob-report/**",
      "coverage/**",
      "xmtp-report/**",
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["*.js", "*.mjs"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "no-empty-pattern": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.property.name='waitForTimeout']",
          message: "No sleeps: wait for a condition with a deadline and a reason.",
        },
      ],
    },
  },
  ...roomRules,
  {
    files: ["**/*.js", "**/*.mjs"],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: { console: "readonly", performance: "readonly", process: "readonly", URL: "readonly" },
    },
  },
);
