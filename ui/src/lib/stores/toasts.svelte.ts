// Short words at the window's foot that pass by themselves.

export interface Toast {
  id: number
  tone: 'plain' | 'bad'
  text: string
  hint: string | null
  /** The technical words behind it, in English. */
  detail: string | null
  action: { label: string; run: () => void } | null
}

const STAYS_MS = 6000
const STAYS_LONGER_MS = 12_000
const MOST = 4

export class Toasts {
  shown = $state.raw<readonly Toast[]>([])
  #next = 1
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()

  show(text: string, more: Partial<Omit<Toast, 'id' | 'text'>> = {}) {
    // The same words again only begin their time anew.
    const same = this.shown.find((toast) => toast.text === text && more.action == null)
    if (same !== undefined) this.dismiss(same.id)
    const toast: Toast = {
      id: this.#next++,
      tone: more.tone ?? 'plain',
      text,
      hint: more.hint ?? null,
      detail: more.detail ?? null,
      action: more.action ?? null,
    }
    const kept = [...this.shown, toast]
    for (const old of kept.slice(0, -MOST)) this.dismiss(old.id)
    this.shown = kept.slice(-MOST)
    this.resume(toast.id)
  }

  dismiss(id: number) {
    this.pause(id)
    this.shown = this.shown.filter((toast) => toast.id !== id)
  }

  /** Someone is reading it, or about to press its button. */
  pause(id: number) {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }

  resume(id: number) {
    const toast = this.shown.find((one) => one.id === id)
    if (toast === undefined) return
    this.pause(id)
    const longer = toast.action !== null || toast.tone === 'bad'
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), longer ? STAYS_LONGER_MS : STAYS_MS),
    )
  }
}
