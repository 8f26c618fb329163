// The window under test: opened on a scenario of the mock, and watched for every fault the browser tells of.

import { test as base, expect, type Page } from '@playwright/test'
import { STILL_MOMENT, type Scenario } from '../../src/lib/backend/mock/scene'
import type { Commands } from '../../src/lib/backend/protocol'
import type {} from '../../src/lib/backend/mock'

export interface Wish {
  scenario?: Scenario
  files?: number
  speak?: 'en' | 'ko'
  theme?: 'light' | 'dark'
  /** Nothing moves by itself (the default). */
  still?: boolean
  /** The page's clock goes on, so that durations can be measured. */
  clock?: boolean
}

interface Fixtures {
  /** Opens the window on a scenario and waits until it shows something. */
  open: (wish?: Wish) => Promise<void>
  /** What the browser complained of: has to be empty at the end. */
  faults: string[]
}

export const test = base.extend<Fixtures>({
  faults: [
    async ({ page }, use) => {
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(`thrown: ${error.message}`))
      page.on('dialog', (dialog) => {
        faults.push(`a dialog opened: ${dialog.message()}`)
        void dialog.dismiss()
      })
      page.on('console', (message) => {
        if (message.type() !== 'error' && message.type() !== 'warning') return
        // Some rows have no thumbnail: that is asked for, and answered 404.
        if (message.location().url.includes('/no-thumbnail/')) return
        faults.push(`${message.type()}: ${message.text()} ${message.location().url}`)
      })
      await page.addInitScript(() => {
        addEventListener('securitypolicyviolation', (event) => {
          console.error(`against the policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
        })
      })
      await use(faults)
      expect(faults, 'what the browser complained of').toEqual([])
    },
    { auto: true },
  ],
  open: async ({ page }, use) => {
    await use(async ({ scenario, files, speak = 'en', theme, still = true, clock = false } = {}) => {
      const query = new URLSearchParams({ speak })
      if (scenario !== undefined) query.set('scenario', scenario)
      if (files !== undefined) query.set('files', String(files))
      if (theme !== undefined) query.set('theme', theme)
      if (still) {
        query.set('still', '1')
        if (!clock) await page.clock.setFixedTime(STILL_MOMENT)
      }
      await page.goto(`/?${query}`)
      await expect(page.locator('#app > *').first()).toBeVisible()
    })
  },
})

export { expect }

/** Arguments of each call of a command so far. */
export function asked<Name extends keyof Commands>(
  page: Page,
  name: Name,
): Promise<Commands[Name]['args'][]> {
  return page.evaluate(
    (name) => window.offloadMock!.log.filter((asked) => asked.name === name).map((asked) => asked.args),
    name,
  ) as Promise<Commands[Name]['args'][]>
}

/** The last call of a command, once there is one that fits. */
export async function expectAsked<Name extends keyof Commands>(
  page: Page,
  name: Name,
  args: Record<string, unknown>,
): Promise<void> {
  await expect
    .poll(async () => (await asked(page, name)).at(-1), { message: `asks for ${name}` })
    .toMatchObject(args)
}
