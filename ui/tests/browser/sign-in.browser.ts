import type { Page } from '@playwright/test'
import { expectFocusShown, tabTo } from './looks'
import { asked, expect, expectAsked, test } from './window'
import { t } from './words'

const field = (page: Page, id: string) => page.getByRole('textbox', { name: t(id), exact: true })
const button = (page: Page, id: string) => page.getByRole('button', { name: t(id), exact: true })
const answer = (page: Page, how: 'approved' | 'refused' | 'expired') =>
  page.evaluate((how) => window.offloadMock!.answerSignIn(how), how)
const waits = (page: Page) => page.evaluate(() => window.offloadMock!.signInWaits())

test('the first run by the browser, with the keyboard alone', async ({ page, open }) => {
  await open({ scenario: 'welcome' })
  await page.keyboard.type('browser.studio-han.example/offload')
  await page.keyboard.press('Enter')
  // It was not asked before: nothing opens until the person has seen what will.
  await expect(button(page, 'sign-in-browser')).toBeFocused()
  expect(await asked(page, 'begin_browser_sign_in')).toEqual([])
  await expect(field(page, 'token')).toHaveCount(0)
  await page.keyboard.press('Enter')
  await expect(page.getByText('WDJB-MJHT')).toBeVisible()
  await expect(page.getByText(t('browser-host', { host: 'accounts.studio-han.example' }))).toBeVisible()
  await expect(
    page.getByText(t('browser-left', { time: t('span-minutes', { value: 10, rest: 0 }) })),
  ).toBeVisible()
  await expectAsked(page, 'begin_browser_sign_in', {
    connection: { backend: 'https://browser.studio-han.example/offload', token: '', protocol: 'offload' },
  })
  expect(await asked(page, 'open_sign_in_page')).toHaveLength(1)
  await expect(button(page, 'browser-again')).toBeFocused()
  await expectFocusShown(page)
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await asked(page, 'open_sign_in_page')).length).toBe(2)
  await answer(page, 'approved')
  await expect(page.getByRole('heading', { name: t('folder-title') })).toBeFocused()
  await expect(page.getByText('mina@studio-han.example')).toBeVisible()
})

test('leaving the address is enough to be offered the browser; a token does as well', async ({
  page,
  open,
}) => {
  await open({ scenario: 'welcome' })
  await field(page, 'address').fill('browser.studio-han.example/offload')
  await page.keyboard.press('Tab')
  await expect(button(page, 'sign-in-browser')).toBeFocused()
  await button(page, 'use-token').click()
  await expect(field(page, 'token')).toBeFocused()
  await field(page, 'token').fill('good')
  await expect(button(page, 'sign-in-browser')).toBeVisible()
  await button(page, 'connect').click()
  await expectAsked(page, 'connect', { connection: { token: 'good' } })
  await expect(page.getByRole('heading', { name: t('folder-title') })).toBeVisible()
})

test('another address is asked anew', async ({ page, open }) => {
  await open({ scenario: 'welcome' })
  await field(page, 'address').fill('browser.studio-han.example/offload')
  await page.keyboard.press('Tab')
  await expect(button(page, 'sign-in-browser')).toBeVisible()
  await field(page, 'address').fill('photos.studio-han.example/offload')
  await expect(button(page, 'sign-in-browser')).toHaveCount(0)
  await expect(field(page, 'token')).toBeVisible()
})

for (const [how, words] of [
  ['refused', /refused in the browser/],
  ['expired', /in time/],
] as const) {
  test(`a sign-in that is ${how} is told in place, and begun again`, async ({ page, open }) => {
    await open({ scenario: 'browser' })
    await button(page, 'sign-in').click()
    const dialog = page.getByRole('dialog', { name: t('sign-in') })
    await expect(button(page, 'sign-in-browser')).toBeFocused()
    await button(page, 'sign-in-browser').click()
    await expect(dialog.getByText('WDJB-MJHT')).toBeVisible()
    await answer(page, how)
    await expect(dialog.getByRole('alert')).toContainText(words)
    await expect(button(page, 'sign-in-browser')).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(dialog.getByText('WDJB-MJHT')).toBeVisible()
    await answer(page, 'approved')
    await expect(dialog).toHaveCount(0)
    await expect(page.getByText(t('signed-in'), { exact: true })).toBeVisible()
  })
}

test('giving up, or closing the dialog, ends the waiting', async ({ page, open }) => {
  await open({ scenario: 'browser' })
  await button(page, 'sign-in').click()
  const dialog = page.getByRole('dialog', { name: t('sign-in') })
  await button(page, 'sign-in-browser').click()
  await expect(dialog.getByText('WDJB-MJHT')).toBeVisible()
  await tabTo(page, button(page, 'cancel'))
  await page.keyboard.press('Enter')
  await expect(button(page, 'sign-in-browser')).toBeFocused()
  await expect(dialog.getByRole('alert')).toHaveCount(0)
  await expect.poll(() => waits(page)).toBe(false)
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('WDJB-MJHT')).toBeVisible()
  expect(await waits(page)).toBe(true)
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect.poll(() => waits(page)).toBe(false)
})

test('a browser that does not open: the page is there to be opened elsewhere', async ({ page, open }) => {
  await open({ scenario: 'browser' })
  await page.evaluate(() =>
    window.offloadMock!.fail('open_sign_in_page', { code: 'no_browser', message: 'no browser', hint: null }),
  )
  await button(page, 'sign-in').click()
  await button(page, 'sign-in-browser').click()
  const dialog = page.getByRole('dialog', { name: t('sign-in') })
  await expect(dialog.getByRole('alert')).toContainText(/no browser/i)
  await expect(dialog).toContainText('https://accounts.studio-han.example/device?user_code=WDJB-MJHT')
  await button(page, 'browser-again').click()
  await expect(dialog.getByRole('alert')).toHaveCount(0)
})

test('Companion: chosen under Advanced, and without a token', async ({ page, open }) => {
  await open({ scenario: 'welcome' })
  await field(page, 'address').fill('photos.studio-han.example/s3')
  await button(page, 'advanced').click()
  await page.getByRole('combobox', { name: new RegExp(t('protocol')) }).click()
  await page.getByRole('option', { name: t('protocol-companion') }).click()
  await expect(field(page, 'token')).toHaveAccessibleDescription(t('token-help-companion'))
  await button(page, 'connect').click()
  await expectAsked(page, 'connect', { connection: { protocol: 'companion', token: '' } })
  await expect(page.getByRole('heading', { name: t('folder-title') })).toBeVisible()
})

test('a backend that confirms nothing: nothing is called safe', async ({ page, open }) => {
  await open({ scenario: 'companion' })
  const standing = page.getByRole('region', { name: t('standing') })
  await expect(standing.locator('.sentence')).toHaveText(t('health-stored'))
  await expect(standing).toContainText(/this backend can’t confirm them/)
  await expect(standing.locator('p[title*="not that your studio knows"]')).toBeVisible()
  await expect(page.getByRole('grid', { name: t('files') })).toContainText(t('state-stored'))
  await expect(page.locator('body')).not.toContainText(/\bsafe\b/i)
  await page
    .getByRole('navigation')
    .getByRole('button', { name: t('settings'), exact: true })
    .click()
  await expect(page.getByText(/confirms nothing/)).toBeVisible()
  await expect(page.getByText(/a second copy/)).toBeVisible()
})

test('what the backend still processes says so', async ({ page, open }) => {
  await open({ scenario: 'processing' })
  await page
    .getByRole('group', { name: t('filter') })
    .getByRole('button', { name: new RegExp(`^${t('state-uploaded')}`) })
    .click()
  const row = page.getByRole('grid', { name: t('files') }).locator('[data-index="0"]')
  await expect(row).toContainText(/still processing it/)
  await row.dblclick()
  await expect(page.getByRole('complementary')).toContainText(/still processing it/)
  await expect(page.getByRole('complementary')).toContainText(/nothing is to be done/i)
})
