import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  // The strict CSP allows no inline data: everything is a file beside the page.
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What the first screen needs is one file; the parts that are read later share it.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'window', tags: ['$initial'] }] } } },
  },
  // The app's icons lie beside this folder.
  server: { host: '127.0.0.1', port: 5173, strictPort: true, fs: { allow: ['.', '../icons'] } },
  test: { include: ['src/**/*.test.ts'], testTimeout: 20_000 },
})
