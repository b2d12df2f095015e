import js from "@eslint/js";
import tseslint from "typescript-eslint";

const isNo = String.raw`/(?<!there )\b(?:is|are|was|were) no (?!longer\b|more\b)/i`;

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
        // What spelling cannot find, in every text that users may read (docs/glossary.md, "How we write").
        {
          selector: `:matches(Literal[value=${isNo}], TemplateElement[value.raw=${isNo}])`,
          message: 'Say what it is not: `"x" is not a URL`, never with "no".',
        },
      ],
    },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: { console: "readonly", performance: "readonly", process: "readonly", URL: "readonly" },
    },
  },
);
