import { asked, expect, expectAsked, test } from './window'
import { t } from './words'

const attention = (page: import('@playwright/test').Page) =>
  page.getByRole('navigation').getByRole('button', { name: new RegExp(`^${t('attention')}`) })

test('causes stand once with their files; one, a group, or everything is retried', async ({ page, open }) => {
  await open({ scenario: 'attention' })
  await attention(page).click()
  await expect(page.getByRole('heading', { name: t('attention'), exact: true })).toBeVisible()
  // The folder that is away comes first, by its name.
  await expect(page.getByRole('region', { name: 'EOS_DIGITAL' })).toBeVisible()

  const denied = page.getByRole('region', { name: t('cause-s3_denied') })
  await expect(denied.getByText(t('cause-s3_denied-todo'))).toBeVisible()
  const files = await denied.getByRole('listitem').count()
  await denied.getByRole('listitem').first().getByRole('button', { name: /retry/i }).click()
  await expectAsked(page, 'retry', { what: { files: [expect.any(Number)] } })
  await expect(denied.getByRole('listitem')).toHaveCount(Math.min(files, 4) - (files <= 4 ? 1 : 0))

  const refused = page.getByRole('region', { name: t('cause-backend_refused') })
  await refused.getByRole('button', { name: t('retry-these') }).click()
  await expect(refused).toHaveCount(0)

  const vanished = page.getByRole('region', { name: t('cause-vanished') })
  await vanished.getByRole('button', { name: t('dismiss-these') }).click()
  await expect.poll(async () => (await asked(page, 'dismiss')).length).toBe(1)
  await expect(vanished).toHaveCount(0)

  await page.getByRole('button', { name: t('retry-everything') }).click()
  await expectAsked(page, 'retry', { what: 'all' })
  await expect(page.getByRole('button', { name: t('retry-these') })).toHaveCount(0)
})

test('a file there opens its story beside it', async ({ page, open }) => {
  await open({ scenario: 'attention' })
  await attention(page).click()
  const group = page.getByRole('region', { name: t('cause-too_large') })
  await group.getByRole('listitem').first().getByRole('button').first().click()
  await expect(page.getByRole('complementary')).toContainText('5368709120')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('complementary')).toHaveCount(0)
})

test('nothing to do says so', async ({ page, open }) => {
  await open({ scenario: 'up_to_date' })
  await attention(page).click()
  await expect(page.getByText(t('nothing-needs-you'), { exact: true })).toBeVisible()
})
