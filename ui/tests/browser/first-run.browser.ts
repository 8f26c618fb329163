import { expectFocusIn } from './looks'
import { asked, expect, expectAsked, test } from './window'
import { t } from './words'

const field = (page: import('@playwright/test').Page, id: string) =>
  page.getByRole('textbox', { name: t(id), exact: true })

test('connect, wrong at first, then the first folder', async ({ page, open }) => {
  await open({ scenario: 'welcome' })
  await expect(page.getByRole('heading', { name: t('welcome-title') })).toBeVisible()
  await expect(field(page, 'address')).toBeFocused()

  // Nothing is asked of a backend without an address and a token.
  await page.getByRole('button', { name: t('connect'), exact: true }).click()
  await expect(field(page, 'address')).toHaveAttribute('aria-invalid', 'true')
  await field(page, 'address').fill('photos.studio-han.example/offload')
  await page.getByRole('button', { name: t('connect'), exact: true }).click()
  await expect(field(page, 'token')).toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'token')).toBeFocused()
  expect(await asked(page, 'connect')).toEqual([])

  // The token is refused: said at its field, in words, and what to do.
  await field(page, 'token').fill('wrong')
  await page.getByRole('button', { name: t('connect'), exact: true }).click()
  await expect(field(page, 'token')).toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'token')).toHaveAccessibleDescription(
    /does not accept the token \(401.*sign in again/is,
  )
  await expect(field(page, 'address')).not.toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'token')).toBeFocused()

  await field(page, 'token').fill('good')
  await page.keyboard.press('Enter')
  await expectAsked(page, 'connect', {
    connection: {
      backend: 'https://photos.studio-han.example/offload',
      token: 'good',
      auth_scheme: 'Bearer',
    },
  })
  await expect(page.getByRole('heading', { name: t('folder-title') })).toBeFocused()
  await expect(page.getByText('mina@studio-han.example')).toBeVisible()

  await page.getByRole('button', { name: t('choose-folder') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: t('keep-watching') }).click()
  await dialog.getByRole('button', { name: t('keep-watching') }).click()
  await expect(page.getByRole('grid', { name: t('files') })).toBeVisible()
  await expect(page.getByRole('navigation').getByText('2026-11-24 Jeju')).toBeVisible()
})

for (const [address, words] of [
  ['https://html.example', /web page instead of JSON/],
  ['https://down.example', /can't be reached/],
  ['https://cert.example', /certificate of cert\.example/],
  ['http://photos.example', /begin with https/],
  ['https://empty.example', /no such endpoint/],
] as const) {
  test(`what is wrong with ${address} is said at the address`, async ({ page, open }) => {
    await open({ scenario: 'welcome' })
    await field(page, 'address').fill(address)
    await field(page, 'token').fill('good')
    await page.keyboard.press('Enter')
    await expect(field(page, 'address')).toHaveAccessibleDescription(words)
    await expect(field(page, 'address')).toBeFocused()
    await expect(field(page, 'token')).not.toHaveAttribute('aria-invalid', 'true')
  })
}

test('the first folder can be dropped, or left for later', async ({ page, open }) => {
  await open({ scenario: 'welcome' })
  await field(page, 'address').fill('photos.example')
  await field(page, 'token').fill('good')
  await page.keyboard.press('Enter')
  await page.evaluate(() => window.offloadMock!.drop({ name: 'Harbour' }))
  const dialog = page.getByRole('dialog', { name: /Harbour/ })
  await expectFocusIn(dialog)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await asked(page, 'leave')).toHaveLength(1)
  await page.getByRole('button', { name: t('skip') }).click()
  await expect(page.getByText(t('no-sources'))).toBeVisible()
})

test('what is typed as a token is hidden until the person looks', async ({ page, open }) => {
  await open({ scenario: 'welcome' })
  await field(page, 'token').fill('a secret')
  await expect(field(page, 'token')).toHaveAttribute('type', 'password')
  await page.getByRole('button', { name: t('token-show') }).click()
  await expect(field(page, 'token')).toHaveAttribute('type', 'text')
})
