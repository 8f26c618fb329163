import type { Page } from '@playwright/test'
import { expectAccessible, settled } from './looks'
import { PLACES } from './places'
import { expect, test } from './window'
import { wordsOf } from './words'

/** The appearance changes while the place is open. */
async function darken(page: Page): Promise<void> {
  await page.evaluate(() => window.offloadMock!.change({ appearance: 'dark' }))
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
}

// Each place in one test: both languages, both appearances.
for (const place of PLACES) {
  test(`${place.name} can be used by everyone`, async ({ page, open }) => {
    test.slow()
    for (const speak of ['en', 'ko'] as const) {
      const t = wordsOf(speak)
      await open({ ...place.wish, speak, theme: 'light' })
      await place.go?.(page, t)
      for (const theme of ['light', 'dark'] as const) {
        await test.step(`${speak}, ${theme}`, async () => {
          if (theme === 'dark') await darken(page)
          await expect(place.sign(page, t)).toBeVisible()
          await settled(page)
          // For people to look at; nothing is compared.
          await page.screenshot({ path: `test-results/pictures/${place.name}-${speak}-${theme}.png` })
          await expectAccessible(page)
        })
      }
    }
  })
}
