import type { Page } from '@playwright/test'
import type { WindowSettings } from '../../src/lib/backend/protocol'
import { asked, expect, expectAsked, test } from './window'
import { t, wordsOf } from './words'

const kept = (page: Page, settings: Partial<WindowSettings>) =>
  expectAsked(page, 'change_settings', { settings })
const toggle = (page: Page, id: string) => page.getByRole('switch', { name: t(id), exact: true })

test.beforeEach(async ({ page, open }) => {
  await open({ scenario: 'working' })
  await page
    .getByRole('navigation')
    .getByRole('button', { name: t('settings'), exact: true })
    .click()
})

for (const [id, name, before] of [
  ['set-gps', 'gps', true],
  ['set-keep-awake', 'keep_awake', true],
  ['set-start-at-login', 'start_at_login', false],
  ['set-notify-done', 'notify_done', true],
  ['set-notify-attention', 'notify_attention', true],
] as const) {
  test(`${name} is switched, and back`, async ({ page }) => {
    await expect(toggle(page, id)).toBeChecked({ checked: before })
    await toggle(page, id).click()
    await kept(page, { [name]: !before })
    await expect(toggle(page, id)).toBeChecked({ checked: !before })
    await expect(page.getByText(t('saved'), { exact: true })).toBeVisible()
    await toggle(page, id).click()
    await kept(page, { [name]: before })
  })
}

test('the speed is limited, in either unit', async ({ page }) => {
  await toggle(page, 'set-bandwidth').click()
  await kept(page, { bandwidth: 5_000_000 })
  const rate = page.getByRole('textbox', { name: t('set-bandwidth') })
  await rate.fill('2.5')
  await page.keyboard.press('Tab')
  await kept(page, { bandwidth: 2_500_000 })
  await rate.fill('nonsense')
  await page.keyboard.press('Tab')
  await expect(rate).toHaveAccessibleDescription(t('rate-wrong'))
  await rate.fill('2,5')
  await page.keyboard.press('Tab')
  await expect(rate).not.toHaveAttribute('aria-invalid', 'true')
  await toggle(page, 'set-bandwidth').click()
  await kept(page, { bandwidth: null })
})

test('the day has hours with a limit of their own', async ({ page }) => {
  await toggle(page, 'set-daily').click()
  await kept(page, { daily: { from_minute: 540, to_minute: 1080, bandwidth: null } })
  const from = page.getByRole('textbox', { name: t('daily-from-label'), exact: true })
  await from.fill('22:15')
  await page.keyboard.press('Tab')
  await kept(page, { daily: { from_minute: 1335, to_minute: 1080, bandwidth: null } })
  await expect(page.getByText(t('daily-over-night'))).toBeVisible()
  await from.fill('25:99')
  await page.keyboard.press('Tab')
  await expect(from).toHaveAccessibleDescription(t('time-wrong'))
  await from.fill('09:00')
  await page.keyboard.press('Tab')
  await page.getByRole('combobox', { name: new RegExp(t('daily-what')) }).click()
  await page.getByRole('option', { name: t('daily-limit') }).click()
  await kept(page, { daily: { from_minute: 540, to_minute: 1080, bandwidth: 1_000_000 } })
  await toggle(page, 'set-daily').click()
  await kept(page, { daily: null })
})

test('uploads at once', async ({ page }) => {
  const number = page.getByRole('spinbutton', { name: t('set-concurrency') })
  await expect(number).toHaveAttribute('aria-valuenow', '8')
  await page.getByRole('button', { name: t('more'), exact: true }).click()
  await kept(page, { concurrency: 9 })
  await number.focus()
  await page.keyboard.press('Home')
  await kept(page, { concurrency: 1 })
  await expect(page.getByRole('button', { name: t('fewer'), exact: true })).toBeDisabled()
})

test('appearance changes at once', async ({ page }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const light = await ground()
  await page.getByRole('radio', { name: t('appearance-dark') }).click()
  await kept(page, { appearance: 'dark' })
  await expect.poll(ground).not.toBe(light)
  await page.getByRole('radio', { name: t('appearance-light') }).click()
  await expect.poll(ground).toBe(light)
  await page
    .getByRole('radiogroup', { name: t('set-appearance') })
    .getByRole('radio', { name: t('appearance-system') })
    .click()
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(ground).not.toBe(light)
})

test('the language changes at once, everywhere', async ({ page }) => {
  const ko = wordsOf('ko')
  await page.getByRole('radio', { name: t('language-ko') }).click()
  await kept(page, { language: 'ko' })
  await expect(page.getByRole('heading', { name: ko('settings'), exact: true })).toBeVisible()
  await expect(page.getByRole('navigation')).toContainText(ko('all-files'))
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko')
  await page.getByRole('radio', { name: ko('language-en') }).click()
  await expect(page.getByRole('heading', { name: t('settings'), exact: true })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
})

test('signing out asks, and then says so', async ({ page }) => {
  await page.getByRole('button', { name: t('sign-out'), exact: true }).click()
  const question = page.getByRole('dialog').or(page.getByRole('alertdialog'))
  await question.getByRole('button', { name: t('cancel'), exact: true }).click()
  expect(await asked(page, 'sign_out')).toEqual([])
  await page.getByRole('button', { name: t('sign-out'), exact: true }).click()
  await question.getByRole('button', { name: t('sign-out'), exact: true }).click()
  await expectAsked(page, 'sign_out', {})
  await expect(page.getByText(t('health-signed_out')).first()).toBeVisible()
})

test('logs are opened, diagnostics copied after a question', async ({ page }) => {
  await page.getByRole('button', { name: t('open-logs') }).click()
  await expectAsked(page, 'open_logs', {})
  await page.getByRole('button', { name: t('copy-diagnostics') }).click()
  await page
    .getByRole('dialog')
    .or(page.getByRole('alertdialog'))
    .getByRole('button', { name: t('diagnostics-copy'), exact: true })
    .click()
  await expectAsked(page, 'copy_diagnostics', {})
  await expect(page.getByText(t('diagnostics-copied'))).toBeVisible()
})

test('what could not be kept stands as it was', async ({ page }) => {
  await page.evaluate(() =>
    window.offloadMock!.fail('change_settings', {
      code: 'config_file',
      message: 'cannot write config.toml',
      hint: 'check the folder',
    }),
  )
  await toggle(page, 'set-gps').click()
  await expect(page.getByRole('alert').filter({ hasText: 'annot write config.toml' })).toBeVisible()
  await expect(toggle(page, 'set-gps')).toBeChecked()
})

test('a change from elsewhere shows here', async ({ page }) => {
  await page.evaluate(async () => {
    window.offloadMock!.emit({
      window: 'settings',
      with: {
        bandwidth: null,
        daily: null,
        concurrency: 3,
        gps: false,
        start_at_login: true,
        notify_done: true,
        notify_attention: true,
        keep_awake: true,
        appearance: 'system',
        language: 'en',
      },
    })
  })
  await expect(toggle(page, 'set-gps')).not.toBeChecked()
  await expect(page.getByRole('spinbutton', { name: t('set-concurrency') })).toHaveAttribute(
    'aria-valuenow',
    '3',
  )
})
