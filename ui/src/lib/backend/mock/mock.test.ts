import { describe, expect, it } from 'vitest'
import { createMock, HOSTILE, SCENARIOS } from './index'
import { STATES } from './ledger'
import type { Event, PageQuery, WindowEvent } from '../protocol'
import type { CommandError } from '../port'

const QUERY: PageQuery = {
  filter: { source_id: null, states: [], search: null, old_versions: false },
  order: 'seen',
  descending: true,
  offset: 0,
  limit: 200,
  count: true,
}

const heard = async (search: string) => {
  const { backend, hooks } = createMock(search)
  const events: WindowEvent[] = []
  await backend.listen((event) => events.push(event))
  return {
    backend,
    hooks,
    events,
    files: () =>
      events.flatMap((event) =>
        event.window === 'engine' && event.with.event === 'files' ? [event.with] : [],
      ),
  }
}

describe('pages', () => {
  it('hold what the sums say, in every scenario', async () => {
    for (const scenario of SCENARIOS) {
      const { backend } = createMock(`?scenario=${scenario}&still=1`)
      const { totals } = await backend.ask('status')
      for (const state of STATES) {
        const page = await backend.ask('page', {
          query: { ...QUERY, filter: { ...QUERY.filter, states: [state] } },
        })
        expect([scenario, state, page.total]).toEqual([scenario, state, totals[state].files])
        expect(page.files.every((row) => row.state === state)).toBe(true)
      }
    }
  })

  it('show all nine states, and the worst true health', async () => {
    const { backend } = createMock('?still=1')
    const { totals } = await backend.ask('status')
    for (const state of STATES) expect(totals[state].files, state).toBeGreaterThan(0)
    const healths = {
      working: 'working',
      attention: 'needs_attention',
      signed_out: 'signed_out',
      offline: 'offline',
      paused: 'paused',
      up_to_date: 'up_to_date',
      empty: 'up_to_date',
    }
    for (const [scenario, health] of Object.entries(healths)) {
      expect([
        scenario,
        (await createMock(`?scenario=${scenario}&still=1`).backend.ask('status')).health,
      ]).toEqual([scenario, health])
    }
  })

  it('of 100,000 files come in under 20 ms', async () => {
    const { backend, hooks } = createMock('?files=100000&still=1&scenario=working')
    // Of the processor, not of the clock: other processes may hold the machine.
    const before = process.cpuUsage()
    for (const order of ['seen', 'path', 'size', 'changed'] as const) {
      for (const offset of [0, 50_000, 99_800]) {
        const page = await backend.ask('page', { query: { ...QUERY, order, offset } })
        expect(page.total).toBeGreaterThanOrEqual(100_000)
        expect(page.files).toHaveLength(200)
      }
      await backend.ask('page', {
        query: { ...QUERY, order, filter: { ...QUERY.filter, search: 'jeju/dsc' } },
      })
    }
    await backend.ask('retry', { what: 'all' })
    await backend.ask('page', { query: { ...QUERY, order: 'changed' } })
    const { user, system } = process.cpuUsage(before)
    const pages = hooks.log.filter((asked) => asked.name === 'page').length
    expect((user + system) / 1000 / pages, 'milliseconds a page').toBeLessThan(20)
  })

  it('are sorted and searched as asked', async () => {
    const { backend } = createMock('?still=1')
    const page = await backend.ask('page', {
      query: { ...QUERY, order: 'size', filter: { ...QUERY.filter, search: 'JEJU' } },
    })
    expect(page.files.length).toBeGreaterThan(1)
    expect(page.files.every((row) => row.path.toLowerCase().includes('jeju'))).toBe(true)
    expect(page.files.map((row) => row.size)).toEqual(page.files.map((row) => row.size).sort((a, b) => b - a))
    await backend.ask('retry', { what: 'all' })
    const latest = await backend.ask('page', { query: { ...QUERY, order: 'changed' } })
    expect(latest.files[0]!.state).toBe('queued')
  })
})

describe('commands', () => {
  it("refuse to connect with the engine's words", async () => {
    const { backend } = createMock('?scenario=welcome&still=1')
    const connect = (address: string, token = 'good') =>
      backend.ask('connect', {
        connection: { backend: address, token, auth_scheme: null, protocol: 'offload' },
      })
    const refusals: [string, string, string, RegExp][] = [
      ['https://photos.example', 'wrong', 'signed_out', /401/],
      ['http://photos.example', 'good', 'backend_answer', /https/],
      ['photos', 'good', 'backend_answer', /no web address/],
      ['https://html.example', 'good', 'backend_answer', /web page/],
      ['https://down.example', 'good', 'unreachable', /can't be reached/],
    ]
    for (const [address, token, code, words] of refusals) {
      const error = await connect(address, token).then(
        () => null,
        (error: CommandError) => error,
      )
      expect(error?.code, address).toBe(code)
      expect(error?.message).toMatch(words)
    }
    expect((await backend.ask('opening')).stage.stage).toBe('welcome')
    expect(await connect('https://photos.example/offload/')).toEqual({
      backend: 'https://photos.example/offload',
      account: 'mina@studio-han.example',
    })
    expect((await backend.ask('opening')).stage.stage).toBe('ready')
  })

  it('tell of each change once, without a gap', async () => {
    const { backend, files, events } = await heard('?scenario=attention&still=1')
    const before = (await backend.ask('status')).seq
    const failed = (await backend.ask('status')).totals.failed.files
    expect(await backend.ask('retry', { what: 'all' })).toBeGreaterThanOrEqual(failed)
    await backend.ask('pause', { scope: 'all', until_ms: null })
    const after = await backend.ask('status')
    let seq = before
    for (const event of files()) {
      expect(event.after).toBe(seq)
      expect(event.ids.length).toBeLessThanOrEqual(200)
      seq = event.seq
    }
    expect(seq).toBe(after.seq)
    expect(after.health).toBe('paused')
    expect(events.some((event) => event.window === 'engine' && event.with.event === 'standing')).toBe(true)
  })

  it('take what was dropped, edit it, cancel it and take it away', async () => {
    const { backend, hooks, events } = await heard('?scenario=empty&still=1')
    const given = hooks.drop({ name: 'Jeju', holds: 12 })
    expect(events.at(-1)).toEqual({ window: 'given', with: given })
    expect(await backend.ask('measure', { given: given.id })).toMatchObject({ files: 12, complete: true })
    const taking = {
      given: given.id,
      watch: false,
      prefix: '/a/',
      include: [],
      exclude: ['[a'],
      changed: 'new-version' as const,
    }
    await expect(backend.ask('take', { taking })).rejects.toMatchObject({ code: 'bad_glob' })
    const source = await backend.ask('take', { taking: { ...taking, exclude: [] } })
    expect(source).toMatchObject({ kind: 'batch', prefix: 'a', totals: { settling: { files: 12 } } })
    const edited = await backend.ask('edit_source', {
      edit: {
        id: source.id,
        name: 'Jeju 2',
        prefix: '',
        include: ['*.jpg'],
        exclude: [],
        changed: 'keep-first',
      },
    })
    expect(edited).toMatchObject({ name: 'Jeju 2', changed: 'keep-first' })
    await backend.ask('cancel_batch', { id: source.id })
    expect((await backend.ask('status')).totals.skipped.files).toBe(12)
    await backend.ask('remove_source', { id: source.id })
    expect((await backend.ask('status')).sources).toEqual([])
    expect((await backend.ask('page', { query: QUERY })).total).toBe(0)
    await expect(backend.ask('remove_source', { id: source.id })).rejects.toMatchObject({
      code: 'no_such_source',
    })
  })

  it('fail when a test wants it', async () => {
    const { backend, hooks } = createMock('?still=1')
    hooks.fail('status', { code: 'shell', message: 'no', hint: null })
    await expect(backend.ask('status')).rejects.toMatchObject({ code: 'shell', message: 'no' })
    expect((await backend.ask('status')).running).toBe(true)
    expect(hooks.log.map((asked) => asked.name)).toEqual(['status', 'status'])
  })
})

describe('a world', () => {
  it('has hostile names, whole', async () => {
    const { backend } = createMock('?scenario=hostile&still=1')
    const { files } = await backend.ask('page', { query: { ...QUERY, descending: false } })
    expect(files.map((row) => row.path)).toEqual(expect.arrayContaining([...HOSTILE]))
  })

  it('tells the story of a photo with its versions', async () => {
    const { backend } = createMock('?still=1')
    const { files } = await backend.ask('page', {
      query: { ...QUERY, filter: { ...QUERY.filter, search: 'cover.jpg' } },
    })
    const story = await backend.ask('story', { id: files[0]!.id })
    expect(story?.versions.map((version) => version.file.state)).toEqual([
      'confirmed',
      'skipped',
      'confirmed',
    ])
    expect(story?.versions[0]?.file.supersedes).toBe(story?.versions[1]?.file.file_id)
    expect(story?.versions[0]?.attempts.at(-1)).toMatchObject({ step: 'confirm', outcome: 'ok' })
  })

  it('moves: files fly and are confirmed, told without a gap', async () => {
    const { backend, files, events } = await heard('?scenario=working&files=60')
    const confirmed = (await backend.ask('status')).totals.confirmed.files
    await expect
      .poll(async () => (await backend.ask('status')).totals.confirmed.files, { timeout: 10_000 })
      .toBeGreaterThan(confirmed)
    await expect
      .poll(() => events.some((event) => event.window === 'engine' && event.with.event === 'progress'), {
        timeout: 10_000,
      })
      .toBe(true)
    const changes: Extract<Event, { event: 'files' }>[] = files()
    for (const [at, event] of changes.slice(1).entries()) expect(event.after).toBe(changes[at]!.seq)
  }, 30_000)
})
