import { expectFocusIn, expectFocusShown, tabTo } from './looks'
import { asked, expect, expectAsked, test } from './window'
import { t } from './words'

// No test here touches the mouse.

test('the first run', async ({ page, open }) => {
  await open({ scenario: 'welcome' })
  await expectFocusShown(page)
  await page.keyboard.type('photos.example')
  await tabTo(page, page.getByRole('textbox', { name: t('token'), exact: true }))
  await page.keyboard.type('wrong')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('textbox', { name: t('token'), exact: true })).toHaveAttribute(
    'aria-invalid',
    'true',
  )
  await expectFocusShown(page)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('good')
  await tabTo(page, page.getByRole('button', { name: t('connect'), exact: true }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: t('folder-title') })).toBeFocused()
  await page.keyboard.press('Tab')
  await tabTo(page, page.getByRole('button', { name: t('choose-folder') }))
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await expectFocusIn(dialog)
  await tabTo(page, dialog.getByRole('button', { name: t('upload-now') }))
  await page.keyboard.press('Enter')
  await expectAsked(page, 'take', { taking: { watch: false } })
  await expect(page.getByRole('grid', { name: t('files') })).toBeVisible()
})

test('the dialog of something dropped: both ways, options, and Escape', async ({ page, open }) => {
  await open({ scenario: 'working' })
  const search = page.getByRole('textbox', { name: t('search') })
  await page.keyboard.press('/')
  await expect(search).toBeFocused()
  const dialog = page.getByRole('dialog')
  const drop = () => page.evaluate(() => void window.offloadMock!.drop({ name: 'Harbour' }))

  await drop()
  await expect(dialog).toBeVisible()
  await expectFocusIn(dialog)
  // The focus stays in the dialog, all the way round.
  for (let step = 0; step < 14; step++) {
    await page.keyboard.press('Tab')
    await expectFocusShown(page)
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true)
  }
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(search).toBeFocused()

  await drop()
  await tabTo(page, dialog.getByRole('radio', { name: t('upload-now') }))
  await page.keyboard.press('ArrowDown')
  await expect(dialog.getByRole('radio', { name: t('keep-watching') })).toBeFocused()
  await page.keyboard.press('Space')
  await expect(dialog.getByRole('radio', { name: t('keep-watching') })).toBeChecked()
  await tabTo(page, dialog.getByRole('button', { name: t('more-options') }))
  await page.keyboard.press('Enter')
  await tabTo(page, dialog.getByRole('textbox', { name: t('exclude') }))
  await page.keyboard.type('*.xmp ')
  await tabTo(page, dialog.getByRole('button', { name: t('keep-watching') }))
  await page.keyboard.press('Enter')
  await expectAsked(page, 'take', { taking: { watch: true, exclude: ['*.xmp'] } })
  await expect(dialog).toHaveCount(0)
  await expectFocusShown(page)
})

test('list, story, retry', async ({ page, open }) => {
  await open({ scenario: 'attention' })
  const grid = page.getByRole('grid', { name: t('files') })
  await tabTo(
    page,
    page
      .getByRole('group', { name: t('filter') })
      .getByRole('button', { name: new RegExp(`^${t('state-failed')}`) }),
    { most: 60 },
  )
  await page.keyboard.press('Enter')
  await expect(grid.locator('[data-index="0"]')).toContainText(t('state-failed'))
  for (let step = 0; step < 40; step++) {
    if (await grid.evaluate((element) => element === document.activeElement)) break
    await page.keyboard.press('Tab')
  }
  await expect(grid).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  // The active row is named to a screen reader, and shows a ring.
  const active = await grid.getAttribute('aria-activedescendant')
  await expect(page.locator(`[id="${active}"]`)).toHaveAttribute('data-index', '2')
  expect(
    await page.locator(`[id="${active}"]`).evaluate((element) => getComputedStyle(element).outlineStyle),
  ).not.toBe('none')
  await page.keyboard.press('Enter')
  const story = page.getByRole('complementary')
  await expect(story).toBeVisible()
  await tabTo(page, story.getByRole('button', { name: t('retry'), exact: true }))
  await page.keyboard.press('Enter')
  await expectAsked(page, 'retry', { what: { files: [expect.any(Number)] } })
  await page.keyboard.press('Escape')
  await expect(story).toHaveCount(0)
  await expect(grid).toBeFocused()
})

test('the list: pages, ends, choosing, its menu', async ({ page, open }) => {
  await open({ scenario: 'working' })
  const grid = page.getByRole('grid', { name: t('files') })
  await page.keyboard.press('/')
  await page.keyboard.press('ArrowDown')
  await expect(grid).toBeFocused()
  const active = () =>
    grid.evaluate((element) =>
      Number(
        document.getElementById(element.getAttribute('aria-activedescendant') ?? '')?.dataset['index'] ?? -1,
      ),
    )
  await page.keyboard.press('PageDown')
  expect(await active()).toBeGreaterThan(5)
  await page.keyboard.press('End')
  await expect.poll(active).toBeGreaterThan(300)
  await page.keyboard.press('Home')
  await expect.poll(active).toBe(0)
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await expect(grid.locator('[aria-selected=true]')).toHaveCount(3)
  await page.keyboard.press('Shift+F10')
  const menu = page.getByRole('menu', { name: t('file-menu') })
  await expectFocusIn(menu)
  await page.keyboard.press('Home')
  await expect(menu.getByRole('menuitem', { name: t('retry-several', { count: 3 }) })).toBeFocused()
  await page.keyboard.press('Enter')
  await expectAsked(page, 'retry', { what: { files: expect.any(Array) } })
  await expect(menu).toHaveCount(0)
  await expect(grid).toBeFocused()
})

test('needs attention: what goes away never takes the focus with it', async ({ page, open }) => {
  await open({ scenario: 'attention' })
  await tabTo(
    page,
    page.getByRole('navigation').getByRole('button', { name: new RegExp(`^${t('attention')}`) }),
  )
  await page.keyboard.press('Enter')
  const region = page.getByRole('region', { name: t('cause-s3_denied') })
  await tabTo(page, region.getByRole('listitem').first().getByRole('button', { name: /retry/i }), {
    most: 90,
  })
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await asked(page, 'retry')).length).toBe(1)
  await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true)
  await expectFocusShown(page)
})

test('menus: opened, walked through, closed; the focus returns', async ({ page, open }) => {
  await open({ scenario: 'working' })
  const pause = page.getByRole('button', { name: t('pause'), exact: true })
  await tabTo(page, pause, { most: 40 })
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: t('pause-hour') })).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('menuitem', { name: t('pause-tomorrow') })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menu')).toHaveCount(0)
  await expect(pause).toBeFocused()

  const more = page
    .getByRole('navigation')
    .getByRole('button', { name: t('source-menu', { name: 'Studio' }) })
  await tabTo(page, more, { back: true, most: 40 })
  await page.keyboard.press('Enter')
  await expectFocusIn(page.getByRole('menu'))
  await page.keyboard.press('End')
  await expect(page.getByRole('menuitem', { name: t('source-remove'), exact: true })).toBeFocused()
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog').or(page.getByRole('alertdialog'))
  await expect(question).toBeVisible()
  await expectFocusIn(question)
  await expectFocusShown(page)
  await page.keyboard.press('Escape')
  await expect(question).toHaveCount(0)
  await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true)
})

test('settings', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await tabTo(page, page.getByRole('navigation').getByRole('button', { name: t('settings'), exact: true }), {
    most: 40,
  })
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: t('settings'), exact: true })).toBeVisible()
  await tabTo(page, page.getByRole('switch', { name: t('set-bandwidth'), exact: true }), { most: 60 })
  await page.keyboard.press('Space')
  await expectAsked(page, 'change_settings', { settings: { bandwidth: 5_000_000 } })
  await tabTo(page, page.getByRole('spinbutton', { name: t('set-concurrency') }))
  await page.keyboard.press('ArrowDown')
  await expectAsked(page, 'change_settings', { settings: { concurrency: 7 } })
  await tabTo(page, page.getByRole('switch', { name: t('set-gps'), exact: true }))
  await page.keyboard.press('Enter')
  await expectAsked(page, 'change_settings', { settings: { gps: false } })
  await tabTo(page, page.getByRole('radiogroup', { name: t('set-appearance') }))
  await page.keyboard.press('ArrowRight')
  await expectFocusShown(page)
  await tabTo(page, page.getByRole('radiogroup', { name: t('set-language') }))
  await page.keyboard.press('End')
  await expectFocusShown(page)
})
