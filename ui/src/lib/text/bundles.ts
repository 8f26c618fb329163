// The texts of the window: Project Fluent files, one folder for each tongue.

import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle'
import type { Tongue } from '../backend/protocol'

export type Variables = Record<string, FluentVariable>

const files = import.meta.glob<string>('../../locales/*/{window,causes}.ftl', {
  query: '?raw',
  import: 'default',
  eager: true,
})

// Parsed when first spoken: the many causes when the first of them has to be said.
const bundles = new Map<string, FluentBundle>()

function bundle(tongue: Tongue, id: string): FluentBundle {
  const part = /^(cause|notice)-/.test(id) ? 'causes' : 'window'
  const path = `../../locales/${tongue}/${part}.ftl`
  let made = bundles.get(path)
  if (made === undefined) {
    made = new FluentBundle(tongue)
    made.addResource(new FluentResource(files[path] ?? ''))
    bundles.set(path, made)
  }
  return made
}

function formed(tongue: Tongue, id: string, variables?: Variables): { text: string; faults: Error[] } | null {
  const texts = bundle(tongue, id)
  const message = texts.getMessage(id)
  if (message?.value == null) return null
  const faults: Error[] = []
  return { text: texts.formatPattern(message.value, variables, faults), faults }
}

/** The words for an id; `null` where this tongue has none, or where they need what isn't given. */
export function wholeWords(tongue: Tongue, id: string, variables: Variables): string | null {
  const said = formed(tongue, id, variables)
  return said === null || said.faults.length > 0 ? null : said.text
}

/** The words for an id; `null` where this tongue has none. */
export function words(tongue: Tongue, id: string, variables?: Variables): string | null {
  const said = formed(tongue, id, variables)
  if (said === null) return null
  if (said.faults.length > 0) console.error(`text ${id}:`, ...said.faults.map(String))
  return said.text
}
