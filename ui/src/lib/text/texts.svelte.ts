// What the window says, in the tongue of the moment. Everything that reads `t` follows a change of tongue at once.

import type { Tongue } from '../backend/protocol'
import * as format from '../format'
import { words, type Variables } from './bundles'

class Texts {
  tongue = $state<Tongue>('en')

  speak(tongue: Tongue) {
    this.tongue = tongue
    document.documentElement.lang = tongue
  }
}

export const texts = new Texts()

/** The words for an id. */
export function t(id: string, variables?: Variables): string {
  const found = words(texts.tongue, id, variables)
  if (found !== null) return found
  console.error(`no text for ${id}`)
  return id
}

/** As `t`, but `null` where there is none: for codes from outside. */
export function maybe(id: string, variables?: Variables): string | null {
  return /^[a-zA-Z][\w-]*$/.test(id) ? words(texts.tongue, id, variables) : null
}

export const say = {
  count: (value: number) => format.count(texts.tongue, value),
  bytes: (value: number) => format.bytes(texts.tongue, value),
  speed: (value: number) => t('speed', { bytes: format.bytes(texts.tongue, value) }),
  percent: (done: number, all: number) => format.percent(texts.tongue, done, all),
  moment: (at_ms: number) => format.moment(texts.tongue, at_ms, Date.now()),
  coming: (at_ms: number) => format.coming(texts.tongue, at_ms, Date.now()),
  exact: (at_ms: number) => format.exact(texts.tongue, at_ms),
  took(ms: number) {
    const { unit, text } = format.took(texts.tongue, ms)
    return t(`took-${unit}`, { value: text })
  },
  span(seconds: number) {
    const { unit, value, rest } = format.span(seconds)
    return t(`span-${unit}`, { value, rest })
  },
}
