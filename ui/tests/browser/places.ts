// Every place of the window, and how one comes there.

import type { Page } from '@playwright/test'
import { expect, type Wish } from './window'
import type { Words } from './words'

export interface PlaceToSee {
  name: string
  wish: Wish
  go?: (page: Page, t: Words) => Promise<void>
  /** A sign that it is there. */
  sign: (page: Page, t: Words) => ReturnType<Page['locator']>
}

const grid = (page: Page, t: Words) => page.getByRole('grid', { name: t('files') })
const dialog = (page: Page) => page.getByRole('dialog').or(page.getByRole('alertdialog'))
const side = (page: Page) => page.getByRole('navigation')
const toAttention = (page: Page, t: Words) =>
  side(page)
    .getByRole('button', { name: new RegExp(`^${t('attention')}`) })
    .click()
const toSettings = (page: Page, t: Words) =>
  side(page)
    .getByRole('button', { name: t('settings'), exact: true })
    .click()
async function toCheckup(page: Page, t: Words): Promise<void> {
  await toSettings(page, t)
  await page.getByRole('button', { name: t('checkup-open'), exact: true }).click()
}
const drop = (page: Page) => page.evaluate(() => void window.offloadMock!.drop({ name: '2026-11-24 Jeju' }))

/** The story of the first file in a state. */
async function story(page: Page, t: Words, state: string): Promise<void> {
  await page
    .getByRole('group', { name: t('filter') })
    .getByRole('button', { name: new RegExp(`^${t(`state-${state}`)}`) })
    .click()
  const first = grid(page, t).locator('[data-index="0"]')
  await expect(first).toContainText(t(`state-${state}`))
  await first.dblclick()
}

export const PLACES: PlaceToSee[] = [
  {
    name: 'welcome',
    wish: { scenario: 'welcome' },
    sign: (page, t) => page.getByRole('heading', { name: t('welcome-title') }),
  },
  {
    name: 'welcome-refused',
    wish: { scenario: 'welcome' },
    async go(page, t) {
      await page
        .getByRole('textbox', { name: t('address'), exact: true })
        .fill('photos.studio-han.example/offload')
      await page.getByRole('textbox', { name: t('token'), exact: true }).fill('wrong')
      await page.keyboard.press('Enter')
    },
    sign: (page, t) =>
      page
        .getByRole('alert')
        .filter({ hasText: /./ })
        .or(page.getByText(t('cause-signed_out')))
        .first(),
  },
  {
    name: 'first-folder',
    wish: { scenario: 'welcome' },
    async go(page, t) {
      await page
        .getByRole('textbox', { name: t('address'), exact: true })
        .fill('photos.studio-han.example/offload')
      await page.getByRole('textbox', { name: t('token'), exact: true }).fill('good')
      await page.keyboard.press('Enter')
    },
    sign: (page, t) => page.getByRole('heading', { name: t('folder-title') }),
  },
  {
    name: 'starting',
    wish: { scenario: 'starting' },
    sign: (page, t) => page.getByRole('heading', { name: t('starting') }),
  },
  {
    name: 'elsewhere',
    wish: { scenario: 'elsewhere' },
    sign: (page, t) => page.getByRole('heading', { name: t('elsewhere') }),
  },
  {
    name: 'broken',
    wish: { scenario: 'broken' },
    sign: (page, t) => page.getByRole('heading', { name: t('broken') }),
  },
  {
    name: 'empty',
    wish: { scenario: 'empty' },
    sign: (page, t) => page.getByText(t('no-sources'), { exact: true }),
  },
  { name: 'everything', wish: {}, sign: grid },
  { name: 'working', wish: { scenario: 'working' }, sign: grid },
  { name: 'up-to-date', wish: { scenario: 'up_to_date' }, sign: grid },
  { name: 'paused', wish: { scenario: 'paused' }, sign: grid },
  { name: 'offline', wish: { scenario: 'offline' }, sign: grid },
  { name: 'signed-out', wish: { scenario: 'signed_out' }, sign: grid },
  {
    name: 'sign-in',
    wish: { scenario: 'signed_out' },
    go: (page, t) => page.getByRole('button', { name: t('sign-in'), exact: true }).click(),
    sign: dialog,
  },
  {
    name: 'nothing-found',
    wish: { scenario: 'working' },
    go: (page, t) => page.getByRole('textbox', { name: t('search') }).fill('no such name'),
    sign: (page, t) => page.getByText(t('none-match'), { exact: true }),
  },
  {
    name: 'story',
    wish: { scenario: 'working' },
    go: (page, t) => story(page, t, 'confirmed'),
    sign: (page) => page.getByRole('complementary'),
  },
  {
    name: 'story-failed',
    wish: { scenario: 'attention' },
    go: (page, t) => story(page, t, 'failed'),
    sign: (page) => page.getByRole('complementary'),
  },
  {
    name: 'attention',
    wish: { scenario: 'attention' },
    go: toAttention,
    sign: (page, t) => page.getByRole('heading', { name: t('attention'), exact: true }),
  },
  {
    name: 'attention-none',
    wish: { scenario: 'up_to_date' },
    go: toAttention,
    sign: (page, t) => page.getByText(t('nothing-needs-you'), { exact: true }),
  },
  {
    name: 'settings',
    wish: { scenario: 'working' },
    async go(page, t) {
      await toSettings(page, t)
      await page.getByRole('switch', { name: t('set-bandwidth'), exact: true }).click()
      await page.getByRole('switch', { name: t('set-daily'), exact: true }).click()
    },
    sign: (page, t) => page.getByRole('textbox', { name: t('daily-from-label'), exact: true }),
  },
  {
    name: 'held-over',
    wish: { scenario: 'working' },
    go: (page) => page.evaluate(() => window.offloadMock!.hover(12)),
    sign: (page, t) => page.getByText(t('drop-here')),
  },
  { name: 'dropped', wish: { scenario: 'working' }, go: drop, sign: dialog },
  {
    name: 'dropped-options',
    wish: { scenario: 'working' },
    async go(page, t) {
      await drop(page)
      await dialog(page)
        .getByRole('radio', { name: t('keep-watching') })
        .click()
      await dialog(page)
        .getByRole('button', { name: t('more-options') })
        .click()
      await dialog(page)
        .getByRole('textbox', { name: t('exclude') })
        .fill('*.xmp ')
    },
    sign: (page, t) => page.getByRole('textbox', { name: t('exclude') }),
  },
  {
    name: 'edit-source',
    wish: { scenario: 'everything' },
    async go(page, t) {
      const label = t('source-menu', { name: 'EOS_DIGITAL' })
      await side(page)
        .getByRole('button', { name: /^EOS_DIGITAL/ })
        .hover()
      await side(page).getByRole('button', { name: label }).click()
      await page.getByRole('menuitem', { name: t('source-edit'), exact: true }).click()
    },
    sign: dialog,
  },
  {
    name: 'source-menu',
    wish: { scenario: 'working' },
    async go(page, t) {
      await side(page)
        .getByRole('button', { name: /^Studio/ })
        .hover()
      await side(page)
        .getByRole('button', { name: t('source-menu', { name: 'Studio' }) })
        .click()
    },
    sign: (page) => page.getByRole('menu'),
  },
  {
    name: 'remove-source',
    wish: { scenario: 'working' },
    async go(page, t) {
      await side(page)
        .getByRole('button', { name: /^Studio/ })
        .hover()
      await side(page)
        .getByRole('button', { name: t('source-menu', { name: 'Studio' }) })
        .click()
      await page.getByRole('menuitem', { name: t('source-remove'), exact: true }).click()
    },
    sign: dialog,
  },
  {
    name: 'pause-menu',
    wish: { scenario: 'working' },
    go: (page, t) => page.getByRole('button', { name: t('pause'), exact: true }).click(),
    sign: (page) => page.getByRole('menu'),
  },
  {
    name: 'quit',
    wish: { scenario: 'working' },
    go: (page) =>
      page.evaluate(() => window.offloadMock!.emit({ window: 'ask_quit', with: { pending: 12 } })),
    sign: dialog,
  },
  {
    name: 'toasts',
    wish: { scenario: 'working' },
    async go(page) {
      await page.evaluate(() => {
        const { emit } = window.offloadMock!
        emit({ window: 'added', with: { source_id: 2, name: 'Weddings 2026', watched: true } })
        emit({
          window: 'trouble',
          with: { code: 'not_there', message: '/media/card is not there', hint: 'check the path' },
        })
      })
      // Somebody reads it, so it stays.
      await page.getByRole('alert').filter({ hasText: /\S/ }).first().hover()
    },
    sign: (page) => page.getByRole('alert').filter({ hasText: /\S/ }).first(),
  },
  {
    name: 'browser-offered',
    wish: { scenario: 'browser' },
    go: (page, t) => page.getByRole('button', { name: t('sign-in'), exact: true }).click(),
    sign: (page, t) => dialog(page).getByRole('button', { name: t('sign-in-browser'), exact: true }),
  },
  {
    name: 'browser-waits',
    wish: { scenario: 'browser' },
    async go(page, t) {
      await page.getByRole('button', { name: t('sign-in'), exact: true }).click()
      await dialog(page)
        .getByRole('button', { name: t('sign-in-browser'), exact: true })
        .click()
    },
    sign: (page) => page.getByText('WDJB-MJHT'),
  },
  {
    name: 'browser-welcome',
    wish: { scenario: 'welcome' },
    async go(page, t) {
      await page
        .getByRole('textbox', { name: t('address'), exact: true })
        .fill('typed.studio-han.example/offload')
      await page.keyboard.press('Enter')
      await expect(page.getByRole('button', { name: t('sign-in-browser'), exact: true })).toBeFocused()
      await page.evaluate(() =>
        window.offloadMock!.fail('open_sign_in_page', {
          code: 'no_browser',
          message: 'no browser could be opened: No such file or directory (os error 2)',
          hint: 'open the page yourself, on any device',
        }),
      )
      await page.keyboard.press('Enter')
    },
    sign: (page) => page.getByRole('alert').filter({ hasText: /\S/ }).first(),
  },
  {
    name: 'browser-refused',
    wish: { scenario: 'browser' },
    async go(page, t) {
      await page.getByRole('button', { name: t('sign-in'), exact: true }).click()
      await dialog(page)
        .getByRole('button', { name: t('sign-in-browser'), exact: true })
        .click()
      await page.evaluate(() => window.offloadMock!.answerSignIn('refused'))
    },
    sign: (page) => dialog(page).getByRole('alert').filter({ hasText: /\S/ }).first(),
  },
  {
    name: 'advanced',
    wish: { scenario: 'welcome' },
    async go(page, t) {
      await page.getByRole('button', { name: t('advanced') }).click()
      await page.getByRole('combobox', { name: new RegExp(t('protocol')) }).click()
      await page.getByRole('option', { name: t('protocol-companion') }).click()
    },
    sign: (page, t) => page.getByText(t('protocol-companion-help')),
  },
  { name: 'companion', wish: { scenario: 'companion' }, sign: grid },
  {
    name: 'companion-settings',
    wish: { scenario: 'companion' },
    go: toSettings,
    sign: (page) => page.locator('.caveat').first(),
  },
  {
    name: 'story-processing',
    wish: { scenario: 'processing' },
    go: (page, t) => story(page, t, 'uploaded'),
    sign: (page) => page.getByRole('complementary'),
  },
  {
    name: 'checkup-before',
    wish: { scenario: 'working' },
    go: toCheckup,
    sign: (page, t) => page.getByRole('heading', { name: t('checkup'), exact: true }),
  },
  {
    name: 'checkup-running',
    wish: { scenario: 'working' },
    async go(page, t) {
      await page.evaluate(() => window.offloadMock!.hold('doctor'))
      await toCheckup(page, t)
      await page.getByRole('button', { name: t('checkup-start'), exact: true }).click()
    },
    sign: (page, t) => page.getByText(t('checkup-running-text')),
  },
  {
    name: 'checkup-good',
    wish: { scenario: 'working' },
    async go(page, t) {
      await toCheckup(page, t)
      await page.getByRole('switch', { name: t('checkup-probe'), exact: true }).click()
      await page.getByRole('button', { name: t('checkup-start'), exact: true }).click()
      await page
        .getByRole('button', { name: t('checkup-in-order', { count: 2 }) })
        .last()
        .click()
    },
    sign: (page, t) => page.getByRole('heading', { name: t('checkup-good'), exact: true }),
  },
  {
    name: 'checkup-problems',
    wish: { scenario: 'attention' },
    async go(page, t) {
      await toCheckup(page, t)
      await page.getByRole('button', { name: t('checkup-start'), exact: true }).click()
      await page
        .getByRole('button', { name: t('checkup-mends'), exact: true })
        .last()
        .click()
    },
    sign: (page, t) => page.getByText(t('stack-django')),
  },
  {
    name: 'checkup-failed',
    wish: { scenario: 'working' },
    async go(page, t) {
      await page.evaluate(() =>
        window.offloadMock!.fail('doctor', {
          code: 'internal',
          message: 'the task was cancelled',
          hint: null,
        }),
      )
      await toCheckup(page, t)
      await page.getByRole('button', { name: t('checkup-start'), exact: true }).click()
    },
    sign: (page, t) => page.getByRole('heading', { name: t('checkup-failed'), exact: true }),
  },
  {
    name: 'checkup-hostile',
    wish: { scenario: 'hostile' },
    async go(page, t) {
      await toCheckup(page, t)
      await page.getByRole('button', { name: t('checkup-start'), exact: true }).click()
      await page
        .getByRole('button', { name: t('checkup-mends'), exact: true })
        .first()
        .click()
    },
    sign: (page, t) => page.getByText(t('stack-django')).first(),
  },
  { name: 'hostile', wish: { scenario: 'hostile' }, sign: grid },
]
