import { settled } from './looks'
import { PLACES } from './places'
import { expect, test } from './window'
import { wordsOf } from './words'

// For people to look at; nothing is compared.
for (const place of PLACES) {
  test(`picture of ${place.name}`, async ({ page, open }) => {
    for (const speak of ['en', 'ko'] as const) {
      const t = wordsOf(speak)
      for (const theme of ['light', 'dark'] as const) {
        await open({ ...place.wish, speak, theme })
        await place.go?.(page, t)
        await expect(place.sign(page, t)).toBeVisible()
        await settled(page)
        await page.screenshot({ path: `test-results/pictures/${place.name}-${speak}-${theme}.png` })
      }
    }
  })
}
