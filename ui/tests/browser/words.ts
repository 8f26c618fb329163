// The window's own texts, so that tests name what they mean and not how it is worded.

import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Tongue = 'en' | 'ko'
export type Words = (id: string, variables?: Record<string, FluentVariable>) => string

export function wordsOf(tongue: Tongue): Words {
  const bundle = new FluentBundle(tongue)
  for (const file of ['window.ftl', 'causes.ftl']) {
    const text = readFileSync(join(import.meta.dirname, '../../src/locales', tongue, file), 'utf8')
    bundle.addResource(new FluentResource(text))
  }
  return (id, variables) => {
    const value = bundle.getMessage(id)?.value
    if (value == null) throw new Error(`no text for ${id} in ${tongue}`)
    const faults: Error[] = []
    const text = bundle.formatPattern(value, variables, faults)
    if (faults.length > 0) throw faults[0]
    return text
  }
}

export const t = wordsOf('en')
