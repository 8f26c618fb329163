// @vitest-environment jsdom
// The window's forms, dialogs and list, against a backend that answers as each test says.

import { screen, waitFor, within } from '@testing-library/svelte'
import { describe, expect, it } from 'vitest'
import { openingOf, pagesOfRows, refuse } from '../../tests/fake'
import { open } from '../../tests/open'
import { rowOf, sourceOf, statusOf, totalsOf } from '../../tests/rows'
import type { Given } from '../lib/backend/protocol'

const rows = Array.from({ length: 30 }, (_, at) => rowOf({ id: at + 1 }))
const plain = (text: string | null) => (text ?? '').replace(/[\u2066-\u2069]/g, '')
const active = () => {
  const grid = screen.getByRole('grid', { name: 'Files' })
  return document.getElementById(grid.getAttribute('aria-activedescendant') ?? '')?.dataset['index']
}
const chosen = () =>
  screen.queryAllByRole('row', { selected: true }).map((row) => Number(row.dataset['index']))

describe('connecting', () => {
  const welcome = () => openingOf({ stage: { stage: 'welcome' }, backend: null })

  it('says what is missing at its field, and adds https://', async () => {
    const { user, backend } = await open({
      opening: welcome,
      connect: ({ connection }) => ({ backend: connection.backend, account: 'mina' }),
    })
    await user.click(screen.getByRole('button', { name: 'Connect' }))
    const address = screen.getByRole('textbox', { name: 'Backend address' })
    expect(address).toHaveProperty('ariaInvalid', 'true')
    expect(screen.getByRole('alert').textContent).toContain('Enter the address')
    expect(document.activeElement).toBe(address)

    await user.type(address, 'photos.example/api/{Enter}')
    const token = screen.getByLabelText('Token')
    // The backend is asked first whether the browser would do.
    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('Enter the token'))
    expect(document.activeElement).toBe(token)

    await user.type(token, ' secret {Enter}')
    await waitFor(() =>
      expect(backend.args('connect')).toEqual([
        {
          connection: {
            backend: 'https://photos.example/api',
            token: 'secret',
            auth_scheme: 'Bearer',
            protocol: 'offload',
          },
        },
      ]),
    )
  })

  it('tells a refused token at the token, with what to do', async () => {
    const { user } = await open({
      opening: welcome,
      connect: refuse('signed_out', 'the backend does not accept the token', 'ask for a new one'),
    })
    await user.type(screen.getByRole('textbox', { name: 'Backend address' }), 'http://127.0.0.1:8000')
    const token = screen.getByLabelText('Token')
    await user.type(token, 'wrong{Enter}')
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('The backend does not accept the token.')
    expect(alert.textContent).toContain('Ask for a new one.')
    expect(token.getAttribute('aria-describedby')).toBe(alert.id)
    expect(screen.queryByText('secret')).toBeNull()
  })

  it('hides the token until it is asked for, and does not ask where the environment has it', async () => {
    const { user, unmount } = await open({ opening: welcome })
    const token = screen.getByLabelText('Token')
    expect(token.getAttribute('type')).toBe('password')
    await user.click(screen.getByRole('button', { name: 'Show token' }))
    expect(token.getAttribute('type')).toBe('text')
    unmount()
    await open({ opening: () => ({ ...welcome(), token_from_environment: true }) })
    expect(screen.queryByLabelText('Token')).toBeNull()
    expect(screen.getByText(/OFFLOAD_TOKEN/)).toBeTruthy()
  })

  it('goes on with the first folder, which can be skipped', async () => {
    const { user, backend } = await open({
      opening: welcome,
      connect: () => ({ backend: 'https://photos.example', account: 'mina' }),
      status: () => statusOf({ sources: [], totals: totalsOf() }),
      page: pagesOfRows([]),
    })
    await user.type(screen.getByRole('textbox', { name: 'Backend address' }), 'photos.example')
    await user.type(screen.getByLabelText('Token'), 'secret{Enter}')
    backend.emit({ window: 'stage', with: { stage: 'ready' } })
    await screen.findByRole('heading', { name: 'Add your first folder' })
    await user.click(screen.getByRole('button', { name: 'Skip for now' }))
    expect(await screen.findByRole('heading', { name: 'Nothing here yet' })).toBeTruthy()
  })
})

describe('the list by keyboard', () => {
  it('moves, selects, opens, closes', async () => {
    const { user, backend } = await open({
      page: pagesOfRows(rows),
      story: ({ id }) => ({ local_path: '/x', versions: [{ file: rowOf({ id }), attempts: [] }] }),
    })
    const grid = await screen.findByRole('grid', { name: 'Files' })
    await waitFor(() => expect(grid.getAttribute('aria-rowcount')).toBe('31'))
    grid.focus()
    await user.keyboard('{ArrowDown}{ArrowDown}')
    expect([active(), chosen()]).toEqual(['2', [2]])
    await user.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}')
    await waitFor(() => expect([active(), chosen()]).toEqual(['4', [2, 3, 4]]))
    await user.keyboard('{Control>}{ArrowDown}{/Control} ')
    expect([active(), chosen()]).toEqual(['5', [2, 3, 4, 5]])
    await user.keyboard('{Escape}')
    expect(chosen()).toEqual([])
    await user.keyboard('{End}')
    expect(active()).toBe('29')
    await user.keyboard('{Home}{Enter}')
    expect(await screen.findByRole('complementary', { name: 'IMG_0001.jpg' })).toBeTruthy()
    expect(backend.args('story')).toEqual([{ id: 1 }])
    await user.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull())
  })

  it('selects all, and retries them', async () => {
    const failed = rows.map((row) => ({ ...row, state: 'failed' as const }))
    const { user, backend } = await open({ page: pagesOfRows(failed), retry: () => 30 })
    const grid = await screen.findByRole('grid', { name: 'Files' })
    await waitFor(() => expect(grid.getAttribute('aria-rowcount')).toBe('31'))
    grid.focus()
    await user.keyboard('{Control>}a{/Control}')
    const bar = await screen.findByText((text) => plain(text) === '30 selected')
    await user.click(within(bar.parentElement as HTMLElement).getByRole('button', { name: 'Retry' }))
    expect(backend.args('retry')).toEqual([{ what: { files: rows.map((row) => row.id) } }])
  })

  it('searches a moment after the last key, and Escape takes it back', async () => {
    const { user, backend } = await open({ page: pagesOfRows(rows) })
    await screen.findByRole('grid', { name: 'Files' })
    await user.keyboard('/')
    const field = screen.getByRole('textbox', { name: 'Search files' })
    expect(document.activeElement).toBe(field)
    await user.type(field, 'img_001')
    await waitFor(() => expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('11'))
    const searched = backend.args('page').map(({ query }) => query.filter.search)
    // Once the engine can be heard, and what was searched for.
    expect(searched).toEqual([null, 'img_001'])
    await user.keyboard('{Escape}')
    await waitFor(() => expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('31'))
  })

  it('sorts by its heads: this way, the other way, and back as it came', async () => {
    const { user, backend } = await open({ page: pagesOfRows(rows) })
    const head = await screen.findByRole('columnheader', { name: 'Size' })
    for (let time = 0; time < 3; time += 1) await user.click(within(head).getByRole('button'))
    expect(backend.args('page').map(({ query }) => [query.order, query.descending])).toEqual([
      ['seen', true],
      ['size', true],
      ['size', false],
      ['seen', true],
    ])
  })
})

describe('the list follows', () => {
  it('changed rows are read by their numbers; a gap is read anew', async () => {
    let state: 'queued' | 'confirmed' = 'queued'
    const { backend } = await open({
      page: (args) => ({ ...pagesOfRows(rows.map((row) => ({ ...row, state })))(args), seq: 10 }),
      rows: ({ ids }) => ids.map((id) => rowOf({ id, state: 'confirmed' })),
      status: () => statusOf({ totals: totalsOf({ queued: 30 }) }),
    })
    const grid = await screen.findByRole('grid')
    await waitFor(() => expect(within(grid).getAllByText('In line').length).toBeGreaterThan(5))
    const files = (after: number, seq: number, ids: number[]) =>
      backend.emit({
        window: 'engine',
        with: { event: 'files', after, seq, ids, totals: totalsOf({ queued: 30 }) },
      })

    // The first event only tells how many there are.
    files(10, 11, [1])
    await waitFor(() => expect(backend.args('page').length).toBe(2))
    files(11, 12, [2])
    await waitFor(() => expect(backend.args('rows')).toEqual([{ ids: [2] }]))
    expect(backend.args('page').length).toBe(2)

    state = 'confirmed'
    files(20, 21, [3])
    await waitFor(() => expect(within(grid).queryAllByText('In line')).toEqual([]))
  })
})

describe('something is given', () => {
  const given = (id: number): Given => ({
    id,
    name: `Wedding ${id}`,
    folders: 1,
    files: 0,
    paths: [`/home/mina/Wedding ${id}`],
    can_watch: id === 1,
  })

  it('asks once for each, offers the last choice again, and Enter takes it', async () => {
    const { user, backend } = await open({ take: () => sourceOf({ id: 9, kind: 'batch', name: 'Wedding' }) })
    await screen.findByRole('grid')
    backend.emit({ window: 'given', with: given(1) })
    backend.emit({ window: 'given', with: given(2) })
    const first = await screen.findByRole('dialog')
    expect(plain(first.textContent)).toContain('Add Wedding 1')
    await waitFor(() => expect(plain(first.textContent)).toContain('1,204 files · 23'))
    await user.click(within(first).getByRole('radio', { name: 'Keep watching' }))
    await user.type(
      within(first).getByRole('textbox', { name: 'Destination folder' }),
      '/2026//weddings/{Enter}',
    )
    await waitFor(() => expect(backend.args('take').length).toBe(1))
    expect(backend.args('take')[0]?.taking).toMatchObject({ given: 1, watch: true, prefix: '2026/weddings' })

    await waitFor(() => expect(plain(screen.getByRole('dialog').textContent)).toContain('Add Wedding 2'))
    const second = screen.getByRole('dialog')
    // It can't be watched; the rest of the last choice stands.
    expect(within(second).queryByRole('radio')).toBeNull()
    expect(within(second).getByRole<HTMLInputElement>('textbox', { name: 'Destination folder' }).value).toBe(
      '2026/weddings',
    )
    await user.click(within(second).getByRole('button', { name: 'Cancel' }))
    await waitFor(() => expect(backend.args('leave')).toEqual([{ given: 2 }]))
  })

  it('keeps the dialog open and says why it could not be taken', async () => {
    const { user, backend } = await open({ take: refuse('bad_glob', 'the pattern `[` is open', 'close it') })
    await screen.findByRole('grid')
    backend.emit({ window: 'given', with: given(1) })
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Upload now' }))
    expect((await within(dialog).findByRole('alert')).textContent).toContain('The pattern `[` is open.')
    expect(within(dialog).getByRole('textbox', { name: 'Leave out' })).toBeTruthy()
  })
})

describe('questions', () => {
  it('before signing out, and nothing is done by closing it', async () => {
    const { user, backend } = await open({ sign_out: () => null })
    await user.click(await screen.findByRole('button', { name: 'Settings' }))
    await user.click(screen.getByRole('button', { name: 'Sign out' }))
    const dialog = await screen.findByRole('dialog', { name: 'Sign out?' })
    await waitFor(() => expect(document.activeElement?.textContent).toContain('Cancel'))
    await user.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(backend.args('sign_out')).toEqual([])
    await user.click(screen.getByRole('button', { name: 'Sign out' }))
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Sign out' }))
    await waitFor(() => expect(backend.args('sign_out').length).toBe(1))
    expect(dialog.isConnected).toBe(false)
  })

  it('leaves no row of a source that was removed, wherever that was done', async () => {
    let there = true
    const { backend } = await open({
      status: () => statusOf({ sources: there ? [sourceOf()] : [] }),
      page: (asked) => pagesOfRows(there ? [rowOf()] : [])(asked),
    })
    await waitFor(() => expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('2'))
    there = false
    backend.emit({ window: 'engine', with: { event: 'standing' } })
    await waitFor(() => expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('1'))
    expect(await screen.findByText('Nothing here yet')).toBeTruthy()
  })

  it('before quitting: staying is one key away', async () => {
    const { user, backend } = await open({ quit: () => null })
    await screen.findByRole('grid')
    backend.emit({ window: 'ask_quit', with: { pending: 340 } })
    const dialog = await screen.findByRole('dialog')
    expect(plain(dialog.textContent)).toContain('340 files are not confirmed yet')
    await waitFor(() => expect(document.activeElement?.textContent).toContain('Keep running'))
    await user.keyboard('{Enter}')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(backend.args('quit')).toEqual([])
  })
})

describe('settings', () => {
  it('count at once, in the tongue that is chosen', async () => {
    const { user, backend } = await open()
    await user.click(await screen.findByRole('button', { name: 'Settings' }))
    await user.click(screen.getByRole('switch', { name: 'Keep this computer awake' }))
    expect(backend.args('change_settings').at(-1)?.settings.keep_awake).toBe(false)
    await screen.findByText('Saved')
    await user.click(screen.getByRole('radio', { name: '한국어' }))
    expect(await screen.findByRole('heading', { name: '설정' })).toBeTruthy()
    expect(document.documentElement.lang).toBe('ko')
    await user.click(screen.getByRole('radio', { name: 'English' }))
    expect(await screen.findByRole('heading', { name: 'Settings' })).toBeTruthy()
  })

  it('go back to what they were where they could not be kept', async () => {
    const { user } = await open({
      change_settings: refuse('config_file', 'config.toml could not be written'),
    })
    await user.click(await screen.findByRole('button', { name: 'Settings' }))
    await user.click(screen.getByRole('switch', { name: 'Keep this computer awake' }))
    expect((await screen.findByRole('alert')).textContent).toContain(
      'Config.toml could not be written.'.slice(1),
    )
    expect(
      screen.getByRole('switch', { name: 'Keep this computer awake' }).getAttribute('aria-checked'),
    ).toBe('true')
  })

  it('take a speed with a comma, and refuse what is none', async () => {
    const { user, backend } = await open()
    await user.click(await screen.findByRole('button', { name: 'Settings' }))
    await user.click(screen.getByRole('switch', { name: 'Limit the speed' }))
    const field = await screen.findByRole('textbox', { name: 'Limit the speed' })
    await user.clear(field)
    await user.type(field, '2,5{Tab}')
    expect(backend.args('change_settings').at(-1)?.settings.bandwidth).toBe(2_500_000)
    await user.clear(field)
    await user.type(field, 'fast{Tab}')
    expect(screen.getByRole('alert').textContent).toContain('10 KB/s')
    expect(backend.args('change_settings').at(-1)?.settings.bandwidth).toBe(2_500_000)
  })
})

describe('what needs a person', () => {
  const failing = [
    rowOf({ id: 1, state: 'failed', code: 'unreadable', reason: 'EIO' }),
    rowOf({ id: 2, state: 'failed', code: 'unreadable', reason: 'EACCES' }),
    rowOf({ id: 3, state: 'missing', code: 'vanished' }),
  ]
  const answers = {
    page: pagesOfRows(failing),
    status: () => statusOf({ health: 'needs_attention', totals: totalsOf({ failed: 2, missing: 1 }) }),
  }

  it('is gathered by cause, and tried again or dismissed together', async () => {
    const { user, backend } = await open(answers)
    await user.click(await screen.findByRole('button', { name: /^Needs attention/ }))
    await user.click(await screen.findByRole('button', { name: 'Retry these' }))
    expect(backend.args('retry')).toEqual([{ what: { files: [1, 2] } }])
    await user.click(screen.getByRole('button', { name: 'Dismiss these' }))
    expect(backend.args('dismiss')).toEqual([{ what: { files: [3] } }])
    await user.click(screen.getByRole('button', { name: 'Retry all' }))
    expect(backend.args('retry').at(-1)).toEqual({ what: 'all' })
  })

  it('says so where there is nothing', async () => {
    const { user } = await open({ page: pagesOfRows([]) })
    await user.click(await screen.findByRole('button', { name: /^Needs attention/ }))
    expect(await screen.findByRole('heading', { name: 'Nothing needs you' })).toBeTruthy()
  })
})

it('the first list is told once', async () => {
  const { backend } = await open({ page: pagesOfRows(rows) })
  await waitFor(() => expect(backend.args('painted').length).toBe(1))
  backend.emit({ window: 'fetch_again' })
  await waitFor(() => expect(backend.args('page').length).toBe(2))
  expect(backend.args('painted').length).toBe(1)
})

it('what could not be done is told, with the next step', async () => {
  const { backend } = await open()
  await screen.findByRole('grid')
  backend.emit({ window: 'trouble', with: { code: 'x', message: 'the ledger is full', hint: 'make room' } })
  const alert = await screen.findByRole('alert')
  expect(alert.textContent).toContain('The ledger is full.')
  expect(alert.textContent).toContain('Make room.')
})
