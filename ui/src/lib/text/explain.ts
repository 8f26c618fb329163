// What a cause, an error or a notice says to a person, and what it asks of them.

import type { Notice } from '../backend/protocol'
import { visible } from '../names'
import { wholeWords } from './bundles'
import { maybe, texts } from './texts.svelte'

export interface Explanation {
  /** What happened, a sentence. */
  what: string
  /** What to do now. */
  todo: string | null
  /** The engine's own English words, where `what` doesn't carry them. */
  detail: string | null
}

/** `the file is gone` as a sentence: capital letter and full stop. */
export function sentence(text: string): string {
  // The engine's words carry names of files.
  const trimmed = visible(text.trim())
  if (trimmed === '') return ''
  const first = String.fromCodePoint(trimmed.codePointAt(0) as number)
  const rest = trimmed.slice(first.length)
  // A path, an address or a command at the beginning stays as it is written.
  const word = /^[^\s]*/.exec(trimmed)?.[0] ?? ''
  const plain = /^[\p{Ll}'’-]+[,;:]?$/u.test(word)
  return `${plain ? first.toUpperCase() + rest : trimmed}${/[.!?…。:)`]$/u.test(trimmed) ? '' : '.'}`
}

/** In English the engine's words, which carry the specifics; in other tongues the text of the code. */
export function explain(code: string | null, said: string | null, hint: string | null): Explanation {
  const what = code === null ? null : maybe(`cause-${code}`)
  const todo = code === null ? null : maybe(`cause-${code}-todo`)
  const own = said === null || said === '' ? null : sentence(said)
  const ownHint = hint === null || hint === '' ? null : sentence(hint)
  if (texts.tongue === 'en' || what === null) {
    return { what: own ?? what ?? code ?? '', todo: ownHint ?? todo, detail: null }
  }
  return { what, todo: todo ?? ownHint, detail: own }
}

/** The same for a whole group of files: the text of the code first, since each file has specifics of its own. */
export function explainCode(code: string | null, said: string | null, hint: string | null): Explanation {
  const what = code === null ? null : maybe(`cause-${code}`)
  if (what === null) return explain(code, said, hint)
  return { what, todo: (code === null ? null : maybe(`cause-${code}-todo`)) ?? hint, detail: null }
}

export function notice(told: Notice): string {
  if (texts.tongue === 'en') return sentence(told.text)
  const args = Object.fromEntries(Object.entries(told.args).map(([name, value]) => [name, visible(value)]))
  return wholeWords(texts.tongue, `notice-${told.code}`, args) ?? sentence(told.text)
}
