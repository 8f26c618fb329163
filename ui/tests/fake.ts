// A backend that answers as a test says, and remembers what it was asked.

import { CommandError, type Backend, type Reply } from '../src/lib/backend/port'
import { FIRST_PAGE } from '../src/lib/backend/protocol'
import type {
  Commands,
  FileRow,
  FirstPicture,
  Opening,
  PageQuery,
  WindowEvent,
  WindowSettings,
} from '../src/lib/backend/protocol'
import { rowOf, statusOf } from './rows'

export type Answers = {
  [Name in keyof Commands]?: (args: Commands[Name]['args']) => Reply<Name> | Promise<Reply<Name>>
}

export const SETTINGS: WindowSettings = {
  bandwidth: null,
  daily: null,
  concurrency: 8,
  gps: true,
  start_at_login: false,
  notify_done: true,
  notify_attention: true,
  keep_awake: true,
  appearance: 'light',
  language: 'en',
}

export const openingOf = (part: Partial<Opening> = {}): Opening => ({
  stage: { stage: 'ready' },
  version: '0.1.0',
  backend: 'https://photos.example',
  auth_scheme: 'Bearer',
  protocol: 'offload',
  token_from_environment: false,
  data_dir: '/home/mina/.local/share/offload',
  settings: SETTINGS,
  speaks: 'en',
  ...part,
})

export class Fake implements Backend {
  readonly asked: { name: keyof Commands; args: unknown }[] = []
  #hear: (event: WindowEvent) => void = () => {}

  constructor(readonly answers: Answers = {}) {}

  async ask<Name extends keyof Commands>(name: Name, ...args: unknown[]): Promise<Reply<Name>> {
    this.asked.push({ name, args: args[0] })
    if (name === 'first_picture' && this.answers[name] === undefined) {
      return (await this.#firstPicture()) as Reply<Name>
    }
    const answer = this.answers[name] ?? (DEFAULTS as Answers)[name]
    if (answer === undefined) throw new Error(`the test gives no answer to ${name}`)
    return answer(args[0] as never) as Reply<Name> | Promise<Reply<Name>>
  }

  /** What the test answers to its parts. */
  async #firstPicture(): Promise<FirstPicture> {
    const answers = { ...DEFAULTS, ...this.answers }
    const [opening, status, page] = await Promise.all([
      answers.opening!({}),
      Promise.resolve(answers.status!({})).catch(() => null),
      Promise.resolve(answers.page!({ query: FIRST_PAGE })).catch(() => null),
    ])
    return { opening, status, page }
  }

  async listen(hear: (event: WindowEvent) => void) {
    this.#hear = hear
    return () => (this.#hear = () => {})
  }

  thumbnail(row: { id: number }): string {
    return `/no-thumbnail/${row.id}`
  }

  emit(event: WindowEvent) {
    this.#hear(event)
  }

  /** What this command was asked with, each time. */
  args<Name extends keyof Commands>(name: Name): Commands[Name]['args'][] {
    return this.asked.filter((one) => one.name === name).map((one) => one.args as Commands[Name]['args'])
  }
}

/** Pages out of rows that are there, as the engine would read them. */
export function pagesOfRows(rows: readonly FileRow[], seq = 1) {
  return ({ query }: { query: PageQuery }) => {
    const { filter } = query
    const found = rows.filter(
      (row) =>
        (filter.source_id === null || row.source_id === filter.source_id) &&
        (filter.states.length === 0 || filter.states.includes(row.state)) &&
        (filter.search === null || row.path.toLowerCase().includes(filter.search.toLowerCase())),
    )
    const files = found.slice(query.offset, query.offset + query.limit)
    return { files, total: query.count ? found.length : null, seq }
  }
}

export const refuse =
  (code: string, message: string, hint: string | null = null) =>
  () => {
    throw new CommandError({ code, message, hint })
  }

const DEFAULTS: Answers = {
  opening: () => openingOf(),
  status: () => statusOf(),
  page: pagesOfRows([rowOf({ id: 1 }), rowOf({ id: 2 }), rowOf({ id: 3 })]),
  rows: ({ ids }) => ids.map((id) => rowOf({ id })),
  painted: () => null,
  sign_in_ways: () => ({ browser: false }),
  cancel_browser_sign_in: () => null,
  open_sign_in_page: () => null,
  measure: () => ({ files: 1204, bytes: 23_000_000_000, complete: true }),
  leave: () => null,
  change_settings: ({ settings }) => settings,
  retry: () => 1,
  dismiss: () => 1,
  pause: () => null,
  resume: () => null,
}
