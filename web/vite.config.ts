import { defineConfig } from "vite";

const server = process.env.MOTET_URL ?? "http://127.0.0.1:8400";

export default defineConfig({
  base: "./",
  build: {
    outDir: "../src/motet/server/static",
    emptyOutDir: true,
    target: ["chrome123", "safari17.5", "firefox128"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "assets/LICENSES.md" },
    reportCompressedSize: true,
  },
  server: {
    port: 8401,
    proxy: { "/api": server, "/v1": server },
  },
});
