import type { Page } from '@playwright/test'
import { asked, expect, expectAsked, test } from './window'
import { t } from './words'

const side = (page: Page) => page.getByRole('navigation')
const dialog = (page: Page) => page.getByRole('dialog')

/** Opens the menu of a source and chooses from it. */
async function chooseFor(page: Page, source: string, id: string): Promise<void> {
  const label = t('source-menu', { name: source })
  await side(page).getByRole('button', { name: source }).first().hover()
  await side(page).getByRole('button', { name: label }).click()
  await page
    .getByRole('menu', { name: label })
    .getByRole('menuitem', { name: t(id), exact: true })
    .click()
}

test('what is held over the window shows where it may be dropped', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await page.evaluate(() => window.offloadMock!.hover(3))
  await expect(page.getByText(t('drop-here'))).toBeVisible()
  await expect(page.getByText(t('drop-count', { count: 3 }))).toBeVisible()
  await page.evaluate(() => window.offloadMock!.hover(null))
  await expect(page.getByText(t('drop-here'))).toHaveCount(0)
})

test('a dropped folder is uploaded once, with its options; undo takes it back', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await page.evaluate(() => window.offloadMock!.drop({ name: 'Harbour', holds: 31 }))
  await expect(dialog(page)).toHaveAccessibleName(t('given-folder', { name: 'Harbour' }))
  await expect(dialog(page).getByText(/31/)).toBeVisible()
  await expect(dialog(page).getByRole('radio', { name: t('upload-now') })).toBeChecked()
  await dialog(page)
    .getByRole('textbox', { name: t('prefix') })
    .fill('/harbour/2026/')
  await dialog(page)
    .getByRole('button', { name: t('more-options') })
    .click()
  await dialog(page)
    .getByRole('textbox', { name: t('exclude') })
    .fill('*.xmp rejected/** ')
  await dialog(page)
    .getByRole('button', { name: t('upload-now') })
    .click()
  await expectAsked(page, 'take', {
    taking: {
      watch: false,
      prefix: 'harbour/2026',
      include: [],
      exclude: ['*.xmp', 'rejected/**'],
      changed: 'new-version',
    },
  })
  await expect(dialog(page)).toHaveCount(0)
  await expect(side(page).getByRole('button', { name: /^Harbour/ })).toBeVisible()
  const toast = page.getByRole('status').filter({ hasText: t('added-batch', { name: 'Harbour' }) })
  await toast.getByRole('button', { name: t('undo') }).click()
  await expectAsked(page, 'remove_source', { id: expect.any(Number) })
  await expect(toast).toHaveCount(0)
})

test('a dropped folder is watched from now on; undo takes it away', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await page.evaluate(() => window.offloadMock!.drop({ name: 'Harbour' }))
  await dialog(page)
    .getByRole('radio', { name: t('keep-watching') })
    .click()
  await dialog(page)
    .getByRole('button', { name: t('keep-watching') })
    .click()
  await expectAsked(page, 'take', { taking: { watch: true } })
  await expect(
    side(page)
      .getByRole('region', { name: t('watched') })
      .getByRole('button', { name: /^Harbour/ }),
  ).toBeVisible()
  await page.getByRole('button', { name: t('undo') }).click()
  await expectAsked(page, 'remove_source', { id: expect.any(Number) })
  await expect(side(page).getByRole('button', { name: /^Harbour/ })).toHaveCount(0)
})

test('single files cannot be watched; two drops are asked about one after the other', async ({
  page,
  open,
}) => {
  await open({ scenario: 'working' })
  await page.evaluate(() => {
    window.offloadMock!.drop({
      name: 'Some files',
      folders: 0,
      files: 3,
      can_watch: false,
      paths: ['/a/1.jpg', '/a/2.jpg', '/a/3.jpg'],
    })
    window.offloadMock!.drop({ name: 'Second' })
  })
  await expect(dialog(page)).toHaveAccessibleName(t('given-several', { folders: 0, files: 3 }))
  await expect(dialog(page).getByRole('radio')).toHaveCount(0)
  await dialog(page)
    .getByRole('button', { name: t('upload-now') })
    .click()
  await expect(dialog(page)).toHaveAccessibleName(t('given-folder', { name: 'Second' }))
  await dialog(page)
    .getByRole('button', { name: t('cancel'), exact: true })
    .click()
  await expect(dialog(page)).toHaveCount(0)
  expect(await asked(page, 'leave')).toHaveLength(1)
})

test('what the engine has against it is said in the dialog', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await page.evaluate(() => {
    window.offloadMock!.drop({ name: 'Harbour' })
    window.offloadMock!.fail('take', {
      code: 'own_folder',
      message: 'the data folder of Offload lies in /home/mina',
      hint: 'choose a folder further down',
    })
  })
  await dialog(page)
    .getByRole('button', { name: t('upload-now') })
    .click()
  await expect(dialog(page).getByRole('alert')).toContainText(/data folder of Offload lies in/i)
  await expect(dialog(page).getByRole('alert')).toContainText(/further down/)
  await dialog(page)
    .getByRole('button', { name: t('upload-now') })
    .click()
  await expect(dialog(page)).toHaveCount(0)
})

test('a source is edited', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await chooseFor(page, 'Studio', 'source-edit')
  await expect(dialog(page)).toHaveAccessibleName(t('source-edit-title', { name: 'Studio' }))
  await expect(dialog(page).getByText('/home/mina/Pictures/Studio')).toBeVisible()
  await expect(dialog(page).getByText(/left out: 14 hidden/i)).toBeVisible()
  const name = dialog(page).getByRole('textbox', { name: t('source-name') })
  await name.fill('')
  await dialog(page)
    .getByRole('button', { name: t('save') })
    .click()
  await expect(name).toHaveAccessibleDescription(t('source-nameless'))
  await name.fill('Atelier')
  await dialog(page)
    .getByRole('textbox', { name: t('include') })
    .fill('*.ARW ')
  await dialog(page)
    .getByRole('combobox', { name: new RegExp(t('changed')) })
    .click()
  await page.getByRole('option', { name: t('changed-keep-first') }).click()
  await dialog(page)
    .getByRole('button', { name: t('save') })
    .click()
  await expectAsked(page, 'edit_source', {
    edit: { id: 1, name: 'Atelier', include: ['*.ARW'], changed: 'keep-first', prefix: 'studio' },
  })
  await expect(dialog(page)).toHaveCount(0)
  await expect(side(page).getByRole('button', { name: /^Atelier/ })).toBeVisible()
})

test('a source is removed only after a question', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await chooseFor(page, 'Studio', 'source-remove')
  const question = page.getByRole('dialog').or(page.getByRole('alertdialog'))
  await question.getByRole('button', { name: t('cancel'), exact: true }).click()
  expect(await asked(page, 'remove_source')).toEqual([])
  await chooseFor(page, 'Studio', 'source-remove')
  await expect(question).toContainText(t('source-remove-text'))
  await question.getByRole('button', { name: t('source-remove'), exact: true }).click()
  await expectAsked(page, 'remove_source', { id: 1 })
  await expect(side(page).getByRole('button', { name: /^Studio/ })).toHaveCount(0)
})

test('a source is paused and goes on; a batch is cancelled', async ({ page, open }) => {
  await open({ scenario: 'working' })
  await chooseFor(page, 'Weddings 2026', 'source-pause')
  await expectAsked(page, 'pause', { scope: { source: 2 }, until_ms: null })
  await expect(side(page).getByRole('button', { name: /^Weddings 2026/ })).toContainText(t('source-paused'))
  await chooseFor(page, 'Weddings 2026', 'source-resume')
  await expectAsked(page, 'resume', { scope: { source: 2 } })
  await expect(side(page).getByRole('button', { name: /^Weddings 2026/ })).not.toContainText(
    t('source-paused'),
  )
  await chooseFor(page, '2026-11-22 Lee portraits', 'batch-cancel')
  await page
    .getByRole('dialog')
    .or(page.getByRole('alertdialog'))
    .getByRole('button', { name: t('batch-cancel'), exact: true })
    .click()
  await expectAsked(page, 'cancel_batch', { id: 5 })
})

test('each source says how it stands', async ({ page, open }) => {
  await open()
  // What needs a person comes before what goes on by itself.
  await expect(side(page).getByRole('button', { name: /^Studio/ })).toContainText(/need attention/)
  await expect(side(page).getByRole('button', { name: /^EOS_DIGITAL/ })).toContainText(t('source-away'))
  await expect(side(page).getByRole('button', { name: /^Weddings 2026/ })).toContainText(t('source-paused'))
  await side(page)
    .getByRole('button', { name: new RegExp(`^${t('earlier')}`) })
    .click()
  await expect(side(page).getByRole('button', { name: /^Test shots/ })).toContainText(t('source-cancelled'))
  await expect(side(page).getByRole('button', { name: /^Autumn catalogue/ })).toContainText(/safe/)
})
