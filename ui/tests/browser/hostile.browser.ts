import { HOSTILE } from '../../src/lib/backend/mock/names'
import { expectNoOverlap, expectNoSideScroll, settled } from './looks'
import { expect, test } from './window'
import { t } from './words'

const PARTS = [
  'onerror',
  'script',
  '<b',
  'gpj',
  'www',
  '가가',
  'lines',
  '\\xFF',
  '👩',
  'algo',
  'deep',
  '{{',
  '&lt;',
  '%00',
  '😀',
]

test('names are text: no element comes of them, nothing runs, rows keep their height', async ({
  page,
  open,
}) => {
  await open({ scenario: 'hostile' })
  const grid = page.getByRole('grid', { name: t('files') })
  // Oldest first: the hostile ones lead.
  await page.getByRole('button', { name: t('order-now', { order: t('order-newest') }) }).click()
  await page.getByRole('menuitem', { name: t('order-oldest'), exact: true }).click()
  await expect(grid.locator('[data-index="0"]')).toContainText('<img src=x')
  const height = await grid.evaluate(
    (element) => element.querySelector('[data-index]')!.getBoundingClientRect().height,
  )

  const seen: string[] = []
  for (let at = 0; at < HOSTILE.length; at += 5) {
    await grid.evaluate((element, top) => (element.scrollTop = top), at * height)
    await expect(grid.locator(`[data-index="${at}"]`)).toBeVisible()
    await settled(page)
    const found = await grid.evaluate((element) => ({
      heights: [...element.querySelectorAll('[data-index]')].map((row) => row.getBoundingClientRect().height),
      // What the window itself makes: nothing else may stand in a row.
      kinds: [
        ...new Set([...element.querySelectorAll('[data-index] *')].map((part) => part.tagName.toLowerCase())),
      ],
      handlers: [...element.querySelectorAll('[data-index] *')].filter((part) =>
        [...part.attributes].some((attribute) => attribute.name.startsWith('on')),
      ).length,
      marks: [...element.querySelectorAll('use')].map((use) => use.getAttribute('href') ?? ''),
      pictures: [...element.querySelectorAll('img')].map((picture) => picture.getAttribute('src') ?? ''),
      text: element.textContent ?? '',
    }))
    expect(new Set(found.heights)).toEqual(new Set([height]))
    expect(found.kinds.filter((kind) => !['span', 'div', 'svg', 'use', 'img', 'bdi'].includes(kind))).toEqual(
      [],
    )
    for (const mark of found.marks) expect(mark).toMatch(/^#(state|kind)-[a-z]+$/)
    expect(found.handlers).toBe(0)
    for (const picture of found.pictures) expect(picture).toMatch(/^\/(assets|no-thumbnail)\//)
    seen.push(found.text)
    await expectNoSideScroll(page)
    await expectNoOverlap(page)
  }
  for (const part of PARTS)
    expect(
      seen.some((text) => text.includes(part)),
      part,
    ).toBe(true)
  // A right-to-left override must not turn a name around: it is shown, or kept in its own place.
  expect(seen.join('')).not.toContain('\u202E')
})

test('stories, dialogs and toasts of hostile names are text too', async ({ page, open }) => {
  await open({ scenario: 'hostile' })
  const grid = page.getByRole('grid', { name: t('files') })
  const search = page.getByRole('textbox', { name: t('search') })
  for (const name of HOSTILE) {
    const part = name.split('/').at(-1)!
    // A field of one line takes no line breaks.
    await search.fill(
      part
        .trim()
        .split(/[\n\r\t]/)
        .at(-1)!,
    )
    await expect(grid.locator('[data-index="0"]')).toBeVisible()
    await expect
      .poll(() =>
        page.evaluate(() => window.offloadMock!.log.filter((asked) => asked.name === 'page').at(-1)?.args),
      )
      .toMatchObject({
        query: { filter: { search: expect.any(String) } },
      })
    await grid.locator('[data-index="0"]').dblclick()
    await expect(page.getByRole('complementary')).toBeVisible()
    await settled(page)
    expect(
      await page.evaluate(
        () =>
          document.querySelectorAll(
            '#app script, #app b, #app img[src="x"], #app [onerror], #app [onmouseover]',
          ).length,
      ),
    ).toBe(0)
    await expectNoSideScroll(page)
    await page.keyboard.press('Escape')
    await expect(page.getByRole('complementary')).toHaveCount(0)
  }
  await page.evaluate((name) => {
    window.offloadMock!.drop({
      name,
      paths: [`/home/mina/${name}`, '/a\nb/‮c', '/' + 'x'.repeat(300)],
      folders: 3,
      can_watch: false,
    })
    window.offloadMock!.emit({ window: 'added', with: { source_id: 1, name, watched: true } })
    window.offloadMock!.emit({
      window: 'trouble',
      with: { code: name, message: `${name} is not there`, hint: name },
    })
  }, '<img src=x onerror=alert(9)><script>alert(10)</script>')
  await expect(page.getByRole('dialog')).toContainText('<img src=x onerror=alert(9)>')
  await expect(page.getByRole('alert').first()).toContainText('<script>')
  expect(
    await page.evaluate(
      () => document.querySelectorAll('body script, body b, img[src="x"], [onerror], [onmouseover]').length,
    ),
  ).toBe(0)
  await expectNoSideScroll(page)
})
