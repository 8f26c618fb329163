import type { CDPSession, Page } from '@playwright/test'
import { asked, expect, test } from './window'
import { t } from './words'

const MANY = 100_000

const grid = (page: Page) => page.getByRole('grid', { name: t('files') })
const rows = (page: Page) => grid(page).locator('[role=row][data-index]')
const row = (page: Page, index: number) => grid(page).locator(`[role=row][data-index="${index}"]`)
const shown = (page: Page) =>
  grid(page).evaluate((element) => Number(element.getAttribute('aria-rowcount')) - 1)
const lastPage = async (page: Page) => (await asked(page, 'page')).at(-1)!.query

async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find((metric) => metric.name === 'JSHeapUsedSize')!.value
}

/** Scrolls from the top to the end in so many steps, each seen with its rows. */
async function sweep(page: Page, steps: number): Promise<void> {
  for (let step = 0; step <= steps; step++) {
    await grid(page).evaluate(
      (element, share) => (element.scrollTop = share * (element.scrollHeight - element.clientHeight)),
      step / steps,
    )
    await expect
      .poll(() => filled(page), { message: 'rows come after scrolling', intervals: [30] })
      .toBe(true)
  }
}

/** All rows in sight have their files. */
const filled = (page: Page) =>
  grid(page).evaluate((element) => {
    const area = element.getBoundingClientRect()
    const inSight = [...element.querySelectorAll('[role=row][data-index]')].filter((row) => {
      const box = row.getBoundingClientRect()
      return box.bottom > area.top + 32 && box.top < area.bottom
    })
    return inSight.length > 3 && inSight.every((row) => row.querySelectorAll('[role=gridcell]').length > 1)
  })

test('100,000 rows: few are in the page, first and last can be reached', async ({ page, open }) => {
  await open({ scenario: 'working', files: MANY })
  await expect.poll(() => shown(page)).toBeGreaterThanOrEqual(MANY)
  await expect(row(page, 0)).toBeVisible()
  expect(await rows(page).count()).toBeLessThan(80)

  const all = await shown(page)
  await grid(page).focus()
  await page.keyboard.press('End')
  await expect(row(page, all - 1)).toBeInViewport({ ratio: 0.9 })
  await expect(
    row(page, all - 1)
      .getByRole('gridcell')
      .first(),
  ).not.toBeEmpty()
  expect(await rows(page).count()).toBeLessThan(80)
  await page.keyboard.press('Home')
  await expect(row(page, 0)).toBeInViewport({ ratio: 0.9 })

  await grid(page).evaluate((element) => (element.scrollTop = element.scrollHeight))
  await expect(row(page, all - 1)).toBeInViewport({ ratio: 0.9 })
})

test('scrolling through 100,000 rows answers each page and keeps no memory', async ({ page, open }) => {
  test.slow()
  await open({ scenario: 'working', files: MANY, clock: true })
  await expect.poll(() => filled(page)).toBe(true)
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  await sweep(page, 20)
  const before = await heap(session)
  await sweep(page, 23)
  await sweep(page, 29)
  const grown = (await heap(session)) - before
  expect(grown, 'bytes of JavaScript heap more after two sweeps').toBeLessThan(3_000_000)
  expect(await rows(page).count()).toBeLessThan(80)
  const took = await page.evaluate(() =>
    window.offloadMock!.log.filter((asked) => asked.name === 'page').map((asked) => asked.took),
  )
  expect(took.length).toBeGreaterThan(50)
  expect(took.every((ms) => ms > 0)).toBe(true)
  // The middle one: another process may hold the machine for a moment.
  expect(took.sort((a, b) => a - b)[Math.floor(took.length / 2)]).toBeLessThan(50)
})

test('search finds by part of the name, Escape clears it, nothing found says so', async ({ page, open }) => {
  await open({ scenario: 'working' })
  const all = await shown(page)
  await page.keyboard.press('/')
  const search = page.getByRole('textbox', { name: t('search') })
  await expect(search).toBeFocused()
  await page.keyboard.type('jeju')
  await expect.poll(() => shown(page)).toBeLessThan(all)
  // A query goes out while one still types; the last one counts.
  await expect.poll(() => lastPage(page)).toMatchObject({ filter: { search: 'jeju' }, count: true })
  await expect(rows(page).first()).toContainText(/jeju|제주/i)
  await page.keyboard.press('Escape')
  await expect(search).toHaveValue('')
  await expect.poll(() => shown(page)).toBe(all)
  await search.fill('no such name')
  await expect(page.getByText(t('none-match'), { exact: true })).toBeVisible()
  await page.getByRole('button', { name: t('filter-clear') }).click()
  await expect.poll(() => shown(page)).toBe(all)
})

test('the states filter, several with Ctrl, and count', async ({ page, open }) => {
  await open()
  const filter = page.getByRole('group', { name: t('filter') })
  const chip = (state: string) =>
    filter.getByRole('button', { name: new RegExp(`^${t(`state-${state}`)}\\b`) })
  const all = await shown(page)
  await chip('failed').click()
  await expect(chip('failed')).toHaveAttribute('aria-pressed', 'true')
  const failed = await page
    .evaluate(() => null)
    .then(() => asked(page, 'page'))
    .then((pages) => pages.at(-1)!.query.filter)
  expect(failed.states).toEqual(['failed'])
  await expect.poll(() => shown(page)).toBeLessThan(all)
  const few = await shown(page)
  expect(await chip('failed').textContent()).toContain(String(few))
  await chip('waiting').click({ modifiers: ['Control'] })
  await expect.poll(() => shown(page)).toBeGreaterThan(few)
  await filter.getByRole('button').first().click()
  await expect.poll(() => shown(page)).toBe(all)
})

test('columns sort, and say so', async ({ page, open }) => {
  await open({ scenario: 'working' })
  const header = page.getByRole('columnheader', { name: t('column-size') })
  await header.getByRole('button').click()
  await expect(header).toHaveAttribute('aria-sort', 'descending')
  expect(await lastPage(page)).toMatchObject({ order: 'size', descending: true })
  await header.getByRole('button').click()
  await expect(header).toHaveAttribute('aria-sort', 'ascending')
  await page.getByRole('button', { name: t('order-now', { order: t('order-smallest') }) }).click()
  await page.getByRole('menuitem', { name: t('order-name'), exact: true }).click()
  await expect(page.getByRole('columnheader', { name: t('column-name') })).toHaveAttribute(
    'aria-sort',
    'ascending',
  )
  expect(await lastPage(page)).toMatchObject({ order: 'path', descending: false })
})

test('a source shows its own files', async ({ page, open }) => {
  await open({ scenario: 'working' })
  const all = await shown(page)
  await page
    .getByRole('navigation')
    .getByRole('button', { name: /^Weddings 2026/ })
    .click()
  await expect.poll(() => shown(page)).toBeLessThan(all)
  await expect.poll(async () => (await lastPage(page)).filter.source_id).toBe(2)
  await page
    .getByRole('navigation')
    .getByRole('button', { name: new RegExp(`^${t('all-files')}`) })
    .click()
  await expect.poll(() => shown(page)).toBe(all)
})

test('several rows are chosen with Shift and Ctrl, and retried together', async ({ page, open }) => {
  await open({ scenario: 'attention' })
  const filter = page.getByRole('group', { name: t('filter') })
  await filter.getByRole('button', { name: new RegExp(`^${t('state-failed')}\\b`) }).click()
  await expect(row(page, 3)).toContainText(t('state-failed'))
  await row(page, 0).click()
  await row(page, 2).click({ modifiers: ['Shift'] })
  await expect(grid(page).locator('[aria-selected=true]')).toHaveCount(3)
  await row(page, 4).click({ modifiers: ['Control'] })
  await expect(grid(page).locator('[aria-selected=true]')).toHaveCount(4)
  await page
    .getByRole('button', { name: t('retry'), exact: true })
    .first()
    .click()
  await expect.poll(async () => (await asked(page, 'retry')).length).toBe(1)
  expect((await asked(page, 'retry'))[0]!.what).toMatchObject({
    files: expect.arrayContaining([expect.any(Number)]),
  })
  expect(((await asked(page, 'retry'))[0]!.what as { files: number[] }).files).toHaveLength(4)
})

test('rows follow what happens, without a reload', async ({ page, open }) => {
  await open({ scenario: 'working', files: 60, still: false })
  const confirmed = page
    .getByRole('group', { name: t('filter') })
    .getByRole('button', { name: new RegExp(`^${t('state-confirmed')}\\b`) })
  const before = Number((await confirmed.textContent())!.replace(/\D/g, ''))
  await expect
    .poll(async () => Number((await confirmed.textContent())!.replace(/\D/g, '')), { timeout: 15_000 })
    .toBeGreaterThan(before)
  await expect(grid(page).getByRole('progressbar').first()).toBeVisible()
})

test('a lost event means: fetch again', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await expect.poll(() => filled(page)).toBe(true)
  const before = (await asked(page, 'page')).length
  await page.evaluate(() => window.offloadMock!.emit({ window: 'fetch_again' }))
  await expect.poll(async () => (await asked(page, 'page')).length).toBeGreaterThan(before)
})
