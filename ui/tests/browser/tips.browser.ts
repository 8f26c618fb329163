import type { Page } from '@playwright/test'
import { tabTo } from './looks'
import { expect, test } from './window'
import { t } from './words'

const tip = (page: Page) => page.locator('.tip')
const settings = (page: Page) =>
  page.getByRole('navigation').getByRole('button', { name: t('settings'), exact: true })
const plus = (page: Page) => page.getByRole('button', { name: t('add-folder'), exact: true })

test('a button with only an icon says its name where the pointer rests', async ({ page, open }) => {
  await open({ scenario: 'working', clock: true })
  await settings(page).hover()
  await page.waitForTimeout(250)
  await expect(tip(page)).toHaveCount(0)
  await expect(tip(page)).toHaveText(t('settings'))
  const [button, shown] = [(await settings(page).boundingBox())!, (await tip(page).boundingBox())!]
  expect(Math.round(button.y - shown.y - shown.height)).toBe(6)
  expect(Math.abs(shown.x + shown.width / 2 - button.x - button.width / 2)).toBeLessThan(1)
  // The next one comes at once.
  await plus(page).hover()
  await expect(tip(page)).toHaveText(t('add-folder'), { timeout: 300 })
  await page.mouse.move(600, 400)
  await expect(tip(page)).toHaveCount(0)
})

test('a press takes it away, and it stays away', async ({ page, open }) => {
  await open({ scenario: 'working', clock: true })
  await settings(page).hover()
  await expect(tip(page)).toBeVisible()
  await page.mouse.down()
  await expect(tip(page)).toHaveCount(0)
  await page.mouse.up()
  await page.waitForTimeout(700)
  await expect(tip(page)).toHaveCount(0)
})

test('by key it comes with the focus, and goes with it, by Escape, and with its button', async ({
  page,
  open,
}) => {
  await open({ scenario: 'working' })
  await tabTo(page, plus(page))
  await expect(tip(page)).toHaveText(t('add-folder'))
  await page.keyboard.press('Tab')
  await expect(tip(page)).toHaveCount(0)
  await page.keyboard.press('Shift+Tab')
  await expect(tip(page)).toHaveText(t('add-folder'))
  await page.keyboard.press('Escape')
  await expect(tip(page)).toHaveCount(0)

  await page.evaluate(() => void window.offloadMock!.drop({ name: 'Harbour' }))
  const close = page.getByRole('dialog').getByRole('button', { name: t('close'), exact: true })
  await tabTo(page, close)
  await expect(tip(page)).toHaveText(t('close'))
  // Over the dialog, and within the window.
  const box = (await tip(page).boundingBox())!
  expect(box.y).toBeGreaterThan(0)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.locator('.tip').filter({ hasText: t('close') })).toHaveCount(0)
})
