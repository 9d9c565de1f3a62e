import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Built into the Python package, which serves it; in development the API is asked on its usual port. */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/fairdial/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});
