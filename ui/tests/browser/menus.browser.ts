import type { Page } from '@playwright/test'
import { expectFocusIn } from './looks'
import { expect, expectAsked, test } from './window'
import { t } from './words'

const menu = (page: Page) => page.getByRole('menu')
const line = (page: Page, id: string) => page.getByRole('menuitem', { name: t(id), exact: true })
const grid = (page: Page) => page.getByRole('grid', { name: t('files') })
const row = (page: Page, index: number) => grid(page).locator(`[data-index="${index}"]`)
const pauseButton = (page: Page) => page.getByRole('button', { name: t('pause'), exact: true })

test('a button tells of its menu, and closes it again', async ({ page, open }) => {
  await open({ scenario: 'working' })
  const pause = pauseButton(page)
  await expect(pause).toHaveAttribute('aria-haspopup', 'menu')
  await expect(pause).toHaveAttribute('aria-expanded', 'false')
  await pause.click()
  await expect(menu(page)).toHaveAccessibleName(t('pause'))
  await expect(pause).toHaveAttribute('aria-expanded', 'true')
  expect(await pause.getAttribute('aria-controls')).toBe(await menu(page).getAttribute('id'))
  await pause.click()
  await expect(menu(page)).toHaveCount(0)
  await expect(pause).toHaveAttribute('aria-expanded', 'false')
  await expect(pause).toBeFocused()
  await pause.click()
  await expect(menu(page)).toBeVisible()
})

test('a menu closes by a click beside it, which keeps the focus it gave', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await pauseButton(page).click()
  await expect(menu(page)).toBeVisible()
  const search = page.getByRole('textbox', { name: t('search') })
  await search.click()
  await expect(menu(page)).toHaveCount(0)
  await expect(search).toBeFocused()
  // From one menu to another.
  await pauseButton(page).click()
  await expect(menu(page)).toHaveAccessibleName(t('pause'))
  await page.getByRole('button', { name: t('add'), exact: true }).click()
  await expect(page.getByRole('menu', { name: t('pause') })).toHaveCount(0)
  await expect(menu(page)).toHaveAccessibleName(t('add'))
})

test('pressed, drawn to a line and let go: that line is chosen', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await pauseButton(page).hover()
  await page.mouse.down()
  await expect(menu(page)).toBeVisible()
  await line(page, 'pause-until-resume').hover()
  await page.mouse.up()
  await expectAsked(page, 'pause', { scope: 'all', until_ms: null })
  await expect(menu(page)).toHaveCount(0)
})

test('by key: ArrowDown and Space open it, letters find a line, Tab goes on from the button', async ({
  page,
  open,
}) => {
  await open({ scenario: 'working' })
  const pause = pauseButton(page)
  await pause.focus()
  await page.keyboard.press('ArrowDown')
  await expect(line(page, 'pause-hour')).toBeFocused()
  await page.keyboard.press('End')
  await expect(line(page, 'pause-until-resume')).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(line(page, 'pause-hour')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(pause).toBeFocused()

  const order = page.getByRole('button', { name: t('order-now', { order: t('order-newest') }) })
  await order.focus()
  await page.keyboard.press('Space')
  await expect(line(page, 'order-newest')).toBeFocused()
  await page.keyboard.type(t('order-largest').slice(0, 3))
  await expect(line(page, 'order-largest')).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(menu(page)).toHaveCount(0)
  await expect(
    page
      .getByRole('group', { name: t('filter') })
      .getByRole('button')
      .first(),
  ).toBeFocused()
  await page.keyboard.press('Shift+Tab')
  await expect(order).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(line(page, 'order-newest')).toBeFocused()
  await page.keyboard.press('Shift+Tab')
  await expect(menu(page)).toHaveCount(0)
  await expect(page.getByRole('textbox', { name: t('search') })).toBeFocused()
})

test('the menu of a row comes up at the pointer, moves with it, and goes', async ({ page, open }) => {
  await open({ scenario: 'working' })
  const at = async (index: number, x: number) => {
    await row(page, index).click({ button: 'right', position: { x, y: 10 } })
    const box = (await row(page, index).boundingBox())!
    return { x: box.x + x, y: box.y + 10 }
  }
  for (const [index, x] of [
    [2, 100],
    [5, 300],
  ] as const) {
    const point = await at(index, x)
    await expect(menu(page)).toHaveAccessibleName(t('file-menu'))
    await expect(row(page, index)).toHaveAttribute('aria-selected', 'true')
    await expect
      .poll(async () => {
        const box = (await menu(page).boundingBox())!
        return Math.hypot(box.x - point.x, box.y - point.y)
      })
      .toBeLessThan(8)
    await expectFocusIn(menu(page))
  }
  // Nothing of it is outside the window.
  await page.keyboard.press('Escape')
  await expect(menu(page)).toHaveCount(0)
  await expect(grid(page)).toBeFocused()
  const box = (await grid(page).boundingBox())!
  await page.mouse.click(box.x + box.width - 30, box.y + box.height - 8, { button: 'right' })
  await expect
    .poll(async () => {
      const at = (await menu(page).boundingBox())!
      return at.y + at.height <= 760 && at.x + at.width <= 1180
    })
    .toBe(true)
  await row(page, 1).click({ position: { x: 300, y: 10 } })
  await expect(menu(page)).toHaveCount(0)
  await expect(row(page, 1)).toHaveAttribute('aria-selected', 'true')
})

test('the menu of a row by key: its first line, and back to the list', async ({ page, open }) => {
  await open({ scenario: 'attention' })
  await grid(page).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ContextMenu')
  await expectFocusIn(menu(page))
  await expect(menu(page).locator('[role="menuitem"]:not([data-disabled])').first()).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(menu(page)).toHaveCount(0)
  await expect(grid(page)).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+F10')
  await expect(line(page, 'details')).toBeVisible()
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary')).toBeVisible()
})

test('a source has its menu under the right button too; another right click goes to another', async ({
  page,
  open,
}) => {
  await open({ scenario: 'working' })
  const source = (name: string) =>
    page
      .getByRole('navigation')
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .first()
  await source('Studio').click({ button: 'right' })
  await expect(menu(page)).toHaveAccessibleName(t('source-menu', { name: 'Studio' }))
  await source('Weddings').click({ button: 'right' })
  await expect(page.getByRole('menu', { name: t('source-menu', { name: 'Studio' }) })).toHaveCount(0)
  await expect(menu(page)).toHaveAccessibleName(t('source-menu', { name: 'Weddings 2026' }))
  await page.keyboard.press('Escape')
  await expect(menu(page)).toHaveCount(0)
  await expect(source('Weddings')).toBeFocused()
})
