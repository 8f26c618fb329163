import { expectMenusInside, expectNothingCutOff, expectNoOverlap, expectNoSideScroll, settled } from './looks'
import { PLACES } from './places'
import { expect, test } from './window'
import { wordsOf } from './words'

for (const place of PLACES) {
  test(`${place.name} has room: small, and with letters twice as large`, async ({ page, open }) => {
    for (const speak of ['en', 'ko'] as const) {
      const t = wordsOf(speak)
      await page.setViewportSize({ width: 760, height: 520 })
      await open({ ...place.wish, speak })
      await place.go?.(page, t)
      await expect(place.sign(page, t)).toBeVisible()
      for (const [size, width, height] of [
        ['100%', 760, 520],
        ['200%', 1180, 760],
      ] as const) {
        await test.step(`${speak}, ${size} at ${width} x ${height}`, async () => {
          await page.setViewportSize({ width, height })
          await page.evaluate((size) => (document.documentElement.style.fontSize = size), size)
          await settled(page)
          await expectMenusInside(page)
          await expectNoSideScroll(page)
          await expectNoOverlap(page)
          await expectNothingCutOff(page)
        })
      }
    }
  })
}

/** Places with something that moves, or comes in moving. */
const MOVING = [
  'first-folder',
  'starting',
  'working',
  'story',
  'settings',
  'held-over',
  'dropped',
  'pause-menu',
  'quit',
  'toasts',
  'browser-waits',
  'checkup-running',
]

test('where less motion is wanted nothing moves', async ({ page, open }) => {
  test.slow()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const moving = () =>
    page.evaluate(
      () =>
        document
          .getAnimations()
          .filter(
            (animation) =>
              animation.playState === 'running' &&
              Number(animation.effect?.getComputedTiming().duration ?? 0) > 1,
          ).length,
    )
  for (const place of PLACES.filter(({ name }) => MOVING.includes(name))) {
    const t = wordsOf('en')
    await open(place.wish)
    await place.go?.(page, t)
    await expect(place.sign(page, t)).toBeVisible()
    expect(await moving(), place.name).toBe(0)
  }
})
