import { defineConfig } from '@playwright/test'

// One of its own for each run, handed down to the workers: two runs on a machine don't meet.
const PORT = (process.env['OFFLOAD_UI_PORT'] ??= String(20_000 + (process.pid % 20_000)))

// The whole window in a real browser, against the mock: `npm run build:mock`, then `npm run browser`.
export default defineConfig({
  testDir: 'tests/browser',
  testMatch: '**/*.browser.ts',
  outputDir: 'test-results/run',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 30_000,
  expect: { timeout: 7_000 },
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    browserName: 'chromium',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--js-flags=--expose-gc'],
    },
    viewport: { width: 1180, height: 760 },
    locale: 'en-US',
    timezoneId: 'Asia/Seoul',
    colorScheme: 'light',
  },
  webServer: {
    command: `node tests/browser/serve.mjs ${PORT} ${process.pid}`,
    url: `http://127.0.0.1:${PORT}/`,
    reuseExistingServer: false,
    stdout: 'ignore',
  },
})
