// Records krb5-vectors/exchanges anew, by hand: test/node_modules/.bin/vitest run --config test/record/vitest.config.ts

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../..", import.meta.url));

export default defineConfig({
  root,
  cacheDir: `${root}/.cache/vitest`,
  test: {
    include: ["test/record/exchanges.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
