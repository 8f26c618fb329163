import { expectAccessible, settled } from './looks'
import { PLACES } from './places'
import { expect, test } from './window'
import { wordsOf } from './words'

// Each place in one test: both languages, both appearances.
for (const place of PLACES) {
  test(`${place.name} can be used by everyone`, async ({ page, open }) => {
    test.slow()
    for (const speak of ['en', 'ko'] as const) {
      const t = wordsOf(speak)
      for (const theme of ['light', 'dark'] as const) {
        await test.step(`${speak}, ${theme}`, async () => {
          await open({ ...place.wish, speak, theme })
          await place.go?.(page, t)
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
