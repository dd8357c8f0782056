// Lints, and the arrows of this folder: backend, messages <- design <- features <- screens.
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

const restrict = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });
const tauri = { regex: "^@tauri-apps/", message: "Only src/backend may talk to Tauri." };
const fake = { regex: "backend/fake", message: "The pretend backend is for tests and pictures." };
const up = (...rooms) => ({ regex: `(^|/)(${rooms.join("|")})(/|$)`, message: "No arrow points up." });
const sideways = { regex: "^\\.\\./(?!\\.\\.)", message: "Features never import each other." };

export default ts.config(
  { ignores: ["dist", "dist-preview", "node_modules", "src/backend/generated"] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "prefer-const": "off",
      "svelte/prefer-const": "error",
      "svelte/no-at-html-tags": "error",
      "svelte/require-each-key": "error",
      "svelte/no-unused-svelte-ignore": "error",
      // Plain maps and sets are chosen where nothing should react to them.
      "svelte/prefer-svelte-reactivity": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"] } },
    rules: { "prefer-const": "off" },
  },
  { files: ["src/**"], ignores: ["src/backend/**", "src/main.ts", "src/**/*.test.ts", "src/test/**"], rules: restrict(tauri, fake) },
  { files: ["src/design/**"], rules: restrict(tauri, fake, up("features", "screens")) },
  { files: ["src/features/**"], ignores: ["**/*.test.ts"], rules: restrict(tauri, fake, up("screens"), sideways) },
  { files: ["scripts/**"], rules: { "no-console": "off" } },
);
