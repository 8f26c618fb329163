import type { Page } from '@playwright/test'
import { tabTo } from './looks'
import { asked, expect, expectAsked, test, type Wish } from './window'
import { t } from './words'

const button = (page: Page, id: string) => page.getByRole('button', { name: t(id), exact: true })
const settings = (page: Page) =>
  page
    .getByRole('navigation')
    .getByRole('button', { name: t('settings'), exact: true })
    .click()

async function toCheckup(page: Page, open: (wish?: Wish) => Promise<void>, wish: Wish): Promise<void> {
  await open(wish)
  await settings(page)
  await button(page, 'checkup-open').click()
  await expect(page.getByRole('heading', { name: t('checkup'), exact: true })).toBeVisible()
}

test('nothing is sent unless the person says so', async ({ page, open }) => {
  await toCheckup(page, open, { scenario: 'working' })
  expect(await asked(page, 'doctor')).toEqual([])
  await expect(page.getByRole('switch', { name: t('checkup-probe') })).not.toBeChecked()
  await expect(page.getByRole('switch', { name: t('checkup-probe') })).toHaveAccessibleDescription(
    t('checkup-probe-text'),
  )
  await button(page, 'checkup-start').click()
  await expectAsked(page, 'doctor', { probe: false })
  await expect(page.getByRole('heading', { name: t('checkup-good') })).toBeVisible()
  await expect(page.getByText(t('checkup-no-probe'))).toBeVisible()
  await page.getByRole('switch', { name: t('checkup-probe') }).click()
  await button(page, 'checkup-again').click()
  await expectAsked(page, 'doctor', { probe: true })
  await expect(page.getByText(t('checkup-no-probe'))).toHaveCount(0)
  await expect(page.getByRole('heading', { name: t('about-probe') })).toBeVisible()
})

test('it goes on while the person is elsewhere', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await page.evaluate(() => window.offloadMock!.hold('doctor'))
  await settings(page)
  await button(page, 'checkup-open').click()
  await button(page, 'checkup-start').click()
  await expect(page.getByText(t('checkup-running-text'))).toBeVisible()
  await button(page, 'checkup-back').click()
  await page.evaluate(() => window.offloadMock!.release('doctor'))
  await button(page, 'checkup-open').click()
  await expect(page.getByRole('heading', { name: t('checkup-good') })).toBeVisible()
  expect(await asked(page, 'doctor')).toHaveLength(1)
})

test('problems stand first, and say what to do; all of it with the keyboard', async ({ page, open }) => {
  await toCheckup(page, open, { scenario: 'attention' })
  await tabTo(page, button(page, 'checkup-start'))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: t('checkup-problems', { count: 2 }) })).toBeVisible()
  const signature = page.getByRole('region', { name: t('about-signature') })
  await expect(signature.getByText(t('verdict-problem'), { exact: true })).toBeVisible()
  await expect(signature).toContainText('put a condition for each field')
  await expect(signature).not.toContainText('generate_presigned_post')
  await expect(signature).not.toContainText('the policy covers every field')
  await tabTo(page, signature.getByRole('button', { name: t('checkup-mends') }))
  await page.keyboard.press('Enter')
  await expect(signature.locator('pre').first()).toContainText('generate_presigned_post(bucket, key')
  await tabTo(page, signature.getByRole('button', { name: t('checkup-in-order', { count: 2 }) }))
  await page.keyboard.press('Enter')
  await expect(signature).toContainText('The policy covers every field')
})

test('the whole is copied as text for a developer', async ({ page, open, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await toCheckup(page, open, { scenario: 'attention' })
  await button(page, 'checkup-start').click()
  await button(page, 'checkup-copy').click()
  await expect(page.getByText(t('checkup-copied'))).toBeVisible()
  const text = await page.evaluate(() => navigator.clipboard.readText())
  expect(text).toContain('backend: https://photos.studio-han.example/offload')
  expect(text).toContain('  PROBLEM  any_token: the backend answers also to a wrong token')
  expect(text).toContain('Django:     generate_presigned_post')
  expect(text).toContain('2 problems were found.')
})

test('a check that could not be made says so, and can be made again', async ({ page, open }) => {
  await toCheckup(page, open, { scenario: 'working' })
  await page.evaluate(() =>
    window.offloadMock!.fail('doctor', { code: 'internal', message: 'the task was cancelled', hint: null }),
  )
  await button(page, 'checkup-start').click()
  await expect(page.getByRole('alert').filter({ hasText: 'The task was cancelled.' })).toBeVisible()
  await button(page, 'checkup-again').click()
  await expect(page.getByRole('heading', { name: t('checkup-good') })).toBeVisible()
})
