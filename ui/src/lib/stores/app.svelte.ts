// All of the window's state, and the way of each event to whom it concerns.

import { createContext } from 'svelte'
import { CommandError, type Arguments, type Backend, type Reply } from '../backend/port'
import type { Commands, FirstPicture, Place, RetryWhat, WindowEvent } from '../backend/protocol'
import { visible } from '../names'
import { explain, notice } from '../text/explain'
import { t } from '../text/texts.svelte'
import { Attention } from './attention.svelte'
import { Checking } from './checking.svelte'
import { Engine } from './engine.svelte'
import { Givens, type Choice } from './givens.svelte'
import { List } from './list.svelte'
import { Session } from './session.svelte'
import { Stories } from './story.svelte'
import { Toasts } from './toasts.svelte'

export type MainPlace = Exclude<Place, 'add_folder'> | 'checkup'

/** A question before something that can't be taken back. */
export interface Question {
  title: string
  body: string
  action: string
  danger: boolean
  run: () => Promise<void>
}

const CATCH_UP_MS = 100

export class App {
  readonly session
  readonly engine
  readonly list
  readonly stories
  readonly attention
  readonly givens
  readonly checking
  readonly toasts = new Toasts()
  /** Events are heard from then on. */
  heard: Promise<() => void> = Promise.resolve(() => {})

  place = $state<MainPlace>('files')
  question = $state.raw<Question | null>(null)
  /** Files not confirmed while the person wants to quit. */
  quitting = $state<number | null>(null)
  /** The dialog to sign in is open. */
  signingIn = $state(false)
  /** The source whose dialog is open. */
  editing = $state<number | null>(null)

  constructor(readonly backend: Backend) {
    const failed = (error: unknown) => this.tell(error)
    this.session = new Session(backend)
    this.engine = new Engine(backend, failed)
    this.list = new List(backend, failed)
    this.stories = new Stories(backend, failed)
    this.attention = new Attention(backend, failed)
    this.givens = new Givens(backend)
    this.checking = new Checking(backend)
    this.engine.ongone = () => this.#gone()
  }

  /**
   * Opens the window's state; what is returned ends the listening.
   *
   * The first picture may be older than the first event that is heard, so once there are ears all is asked for again.
   */
  async start(first: Promise<FirstPicture> = this.backend.ask('first_picture')): Promise<() => void> {
    this.heard = this.backend.listen((event) => this.hear(event))
    const { opening, status, page } = await first
    if (status !== null) this.engine.early(status)
    if (page !== null) this.list.early(page)
    this.session.open(opening)
    const deaf = await this.heard
    if (this.session.stage.stage !== 'ready') this.session.open(await this.backend.ask('opening'))
    // Not before the first picture is drawn, which it would only hold up.
    if (this.list.ready) await new Promise((over) => setTimeout(over, CATCH_UP_MS))
    if (this.session.stage.stage === 'ready') this.#begin()
    return deaf
  }

  #begin() {
    this.engine.refresh()
    if (this.list.ready) this.list.refetch()
    else this.list.ask({})
  }

  hear(event: WindowEvent) {
    switch (event.window) {
      case 'engine':
        this.#hearEngine(event.with)
        break
      case 'fetch_again':
        this.#fetchAgain()
        break
      case 'stage': {
        const was = this.session.stage.stage
        this.session.hearStage(event.with)
        if (event.with.stage === 'ready' && was !== 'ready') this.#begin()
        break
      }
      case 'hover':
        this.givens.hover = event.with
        break
      case 'given':
        this.givens.add(event.with)
        break
      case 'added':
        this.#added(event.with.source_id, event.with.name, event.with.watched)
        break
      case 'go':
        if (event.with === 'add_folder') void this.attempt(this.givens.choose(true))
        else this.go(event.with)
        break
      case 'settings':
        this.session.adopt(event.with)
        break
      case 'ask_quit':
        this.quitting = event.with.pending
        break
      case 'trouble':
        this.tell(new CommandError(event.with))
        break
    }
  }

  #hearEngine(event: Extract<WindowEvent, { window: 'engine' }>['with']) {
    this.engine.hear(event)
    this.list.hear(event)
    this.stories.hear(event)
    if (event.event === 'files') this.attention.refetch()
    if (event.event === 'notice') this.toasts.show(notice(event.notice))
  }

  #fetchAgain() {
    this.engine.refresh()
    this.list.refetch()
    this.stories.refetch()
    this.attention.refetch()
  }

  go(place: MainPlace) {
    this.place = place
    if (place !== 'files') this.stories.close()
  }

  /** The files of one source, or of all. */
  show(source_id: number | null, states: List['asked']['states'] = []) {
    this.go('files')
    this.stories.close()
    this.list.ask({ source_id, states, search: '' })
  }

  /** Asks for a command that a person wants done; a failure is told, and `null`. */
  ask<Name extends keyof Commands>(name: Name, ...args: Arguments<Name>): Promise<Reply<Name> | null> {
    return this.attempt(this.backend.ask(name, ...args))
  }

  /** Waits for something a person asked for; a failure is told, and `null`. */
  async attempt<Value>(doing: Promise<Value>): Promise<Value | null> {
    try {
      return await doing
    } catch (error) {
      this.tell(error)
      return null
    }
  }

  tell(error: unknown) {
    if (error instanceof CommandError) {
      const { what, todo, detail } = explain(error.code, error.message, error.hint)
      this.toasts.show(what, { tone: 'bad', hint: todo, detail })
    } else {
      console.error(error)
      this.toasts.show(t('trouble'), {
        tone: 'bad',
        hint: error instanceof Error ? error.message : String(error),
      })
    }
  }

  async retry(what: RetryWhat): Promise<void> {
    const files = await this.ask('retry', { what })
    if (files !== null) this.toasts.show(t('retried', { count: files }))
  }

  async dismiss(what: RetryWhat): Promise<void> {
    const files = await this.ask('dismiss', { what })
    if (files !== null) this.toasts.show(t('dismissed', { count: files }))
  }

  async take(choice: Choice): Promise<void> {
    const source = await this.givens.take(choice)
    this.session.firstFolder = false
    this.engine.refresh()
    if (this.givens.current === null) this.show(source.id)
    this.#added(source.id, source.name, source.kind === 'watched')
  }

  #added(id: number, name: string, watched: boolean) {
    this.engine.refresh()
    this.toasts.show(t(watched ? 'added-watched' : 'added-batch', { name: visible(name) }), {
      action: { label: t('undo'), run: () => void this.#takeBack(id) },
    })
  }

  async #takeBack(id: number): Promise<void> {
    await this.ask('remove_source', { id })
    this.forget(id)
  }

  /** The rows of a source that is no more go with it, without a word of their own. */
  #gone() {
    const { source_id } = this.list.asked
    if (source_id !== null && this.engine.source(source_id) === null) this.list.ask({ source_id: null })
    else this.list.refetch()
    this.attention.refetch()
  }

  /** A source is no more: the list does not stay with it. */
  forget(id: number) {
    if (this.list.asked.source_id === id) this.show(null)
    this.engine.refresh()
  }
}

export const [useApp, provideApp] = createContext<App>()
