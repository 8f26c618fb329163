import { expectFocusIn } from './looks'
import { asked, expect, expectAsked, test } from './window'
import { t } from './words'
import { STILL_MOMENT } from '../../src/lib/backend/mock/scene'

const standing = (page: import('@playwright/test').Page) =>
  page.getByRole('region', { name: t('standing') }).locator('.sentence')

for (const [scenario, words] of [
  ['up_to_date', t('health-up_to_date')],
  ['paused', t('health-paused')],
  ['offline', t('health-offline')],
  ['signed_out', t('health-signed_out')],
  ['empty', t('health-empty')],
  ['working', /Uploading \D*\d/],
  ['attention', /need your attention/],
] as const) {
  test(`the window says how it stands: ${scenario}`, async ({ page, open }) => {
    await open({ scenario })
    await expect(standing(page)).toHaveText(words)
  })
}

for (const [scenario, words] of [
  ['starting', t('starting')],
  ['elsewhere', t('elsewhere')],
  ['broken', t('broken')],
] as const) {
  test(`before there is an engine: ${scenario}`, async ({ page, open }) => {
    await open({ scenario })
    await expect(page.getByRole('heading', { name: words })).toBeVisible()
    if (scenario === 'broken') {
      await expect(page.getByText(/is damaged/)).toBeVisible()
      await expect(page.getByText(/move it away/i)).toBeVisible()
      await page.getByRole('button', { name: t('open-logs') }).click()
      await expectAsked(page, 'open_logs', {})
    }
    await page.evaluate(() => window.offloadMock!.setStage({ stage: 'ready' }))
    await expect(page.getByRole('grid', { name: t('files') })).toBeVisible()
  })
}

test('the progress has words, and a value', async ({ page, open }) => {
  await open({ scenario: 'working' })
  const bar = page.getByRole('progressbar', { name: t('progress-of-all') })
  await expect(bar).toHaveAttribute('aria-valuenow', /\d/)
  await expect(page.getByText(/MB\W*\/s/)).toBeVisible()
  await expect(page.getByText(/left/).first()).toBeVisible()
})

for (const [id, until] of [
  ['pause-hour', STILL_MOMENT + 3_600_000],
  // Seoul: the next midnight, or the morning after it.
  ['pause-tomorrow', expect.any(Number)],
  ['pause-until-resume', null],
] as const) {
  test(`pause: ${id}`, async ({ page, open }) => {
    await open({ scenario: 'working' })
    await page.getByRole('button', { name: t('pause'), exact: true }).click()
    await page.getByRole('menuitem', { name: t(id) }).click()
    await expectAsked(page, 'pause', { scope: 'all', until_ms: until })
    await expect(standing(page)).toHaveText(t('health-paused'))
    await page.getByRole('button', { name: t('resume') }).click()
    await expectAsked(page, 'resume', { scope: 'all' })
    await expect(standing(page)).not.toHaveText(t('health-paused'))
  })
}

test('signed out: why, and the way back in', async ({ page, open }) => {
  await open({ scenario: 'signed_out' })
  await expect(page.getByText(/does not accept the token/).first()).toBeVisible()
  await page.getByRole('button', { name: t('sign-in'), exact: true }).click()
  const dialog = page.getByRole('dialog', { name: t('sign-in') })
  const token = dialog.getByRole('textbox', { name: t('token'), exact: true })
  await expect(token).toBeFocused()
  await token.fill('wrong')
  await page.keyboard.press('Enter')
  await expect(token).toHaveAccessibleDescription(/401/)
  await token.fill('good')
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(standing(page)).not.toHaveText(t('health-signed_out'))
})

test('quitting while files are on their way asks', async ({ page, open }) => {
  await open({ scenario: 'working' })
  const ask = () =>
    page.evaluate(() => window.offloadMock!.emit({ window: 'ask_quit', with: { pending: 12 } }))
  const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'))
  await ask()
  await expect(dialog).toHaveAccessibleName(t('quit-title', { count: 12 }))
  await expectFocusIn(dialog)
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await ask()
  await dialog.getByRole('button', { name: t('keep-running') }).click()
  await expect(dialog).toHaveCount(0)
  expect(await asked(page, 'quit')).toEqual([])
  await ask()
  await dialog.getByRole('button', { name: t('quit'), exact: true }).click()
  await expectAsked(page, 'quit', {})
})

test('what cannot be done is said, with the next step, until it is closed', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await page.evaluate(() =>
    window.offloadMock!.emit({
      window: 'trouble',
      with: { code: 'not_there', message: '/media/card is not there', hint: 'check the path' },
    }),
  )
  const toast = page.getByRole('alert').filter({ hasText: '/media/card is not there' })
  await expect(toast).toContainText(/check the path/i)
  await toast.getByRole('button', { name: t('close-message') }).click()
  await expect(toast).toHaveCount(0)
})

test('what was added from outside is said, and can be taken back', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await page.evaluate(() =>
    window.offloadMock!.emit({
      window: 'added',
      with: { source_id: 2, name: 'Weddings 2026', watched: true },
    }),
  )
  await page.getByRole('button', { name: t('undo') }).click()
  await expectAsked(page, 'remove_source', { id: 2 })
})

test('the tray leads to each place', async ({ page, open }) => {
  await open({ scenario: 'attention' })
  const go = (place: 'files' | 'attention' | 'settings' | 'add_folder') =>
    page.evaluate((place) => window.offloadMock!.emit({ window: 'go', with: place }), place)
  await go('settings')
  await expect(page.getByRole('heading', { name: t('settings'), exact: true })).toBeVisible()
  await go('attention')
  await expect(page.getByRole('heading', { name: t('attention'), exact: true })).toBeVisible()
  await go('files')
  await expect(page.getByRole('grid', { name: t('files') })).toBeVisible()
  await go('add_folder')
  await expect(page.getByRole('dialog')).toBeVisible()
})

test('the shell is told once that the list was painted', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await expect.poll(async () => (await asked(page, 'painted')).length).toBe(1)
  await page.evaluate(() => window.offloadMock!.emit({ window: 'fetch_again' }))
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
  expect(await asked(page, 'painted')).toHaveLength(1)
})
