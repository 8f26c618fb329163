// The texts of the window: Project Fluent files, one folder for each tongue.

import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle'
import type { Tongue } from '../backend/protocol'

export type Variables = Record<string, FluentVariable>

const files = import.meta.glob<string>('../../locales/*/{window,causes}.ftl', {
  query: '?raw',
  import: 'default',
  eager: true,
})

function bundle(tongue: Tongue): FluentBundle {
  const made = new FluentBundle(tongue)
  for (const [path, text] of Object.entries(files)) {
    if (path.includes(`/${tongue}/`)) made.addResource(new FluentResource(text))
  }
  return made
}

const bundles: Record<Tongue, FluentBundle> = { en: bundle('en'), ko: bundle('ko') }

/** The words for an id; `null` where this tongue has none, or where they need what isn't given. */
export function wholeWords(tongue: Tongue, id: string, variables: Variables): string | null {
  const message = bundles[tongue].getMessage(id)
  if (message?.value == null) return null
  const faults: Error[] = []
  const text = bundles[tongue].formatPattern(message.value, variables, faults)
  return faults.length === 0 ? text : null
}

/** The words for an id; `null` where this tongue has none. */
export function words(tongue: Tongue, id: string, variables?: Variables): string | null {
  const message = bundles[tongue].getMessage(id)
  if (message?.value == null) return null
  const faults: Error[] = []
  const text = bundles[tongue].formatPattern(message.value, variables, faults)
  if (faults.length > 0) console.error(`text ${id}:`, ...faults.map(String))
  return text
}
