// Both tongues say the same things, and nothing a person reads is said anywhere else.

import { FluentResource } from '@fluent/bundle'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'svelte/compiler'
import { describe, expect, it } from 'vitest'

const SOURCES = join(import.meta.dirname, '..')
const read = (tongue: string) => readFileSync(join(import.meta.dirname, tongue, 'window.ftl'), 'utf8')

function messages(tongue: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  const variables = (part: unknown, into: Set<string>): void => {
    if (Array.isArray(part)) part.forEach((one) => variables(one, into))
    else if (typeof part === 'object' && part !== null) {
      const { type, name } = part as { type?: unknown; name?: unknown }
      if (type === 'var') into.add(String(name))
      for (const value of Object.values(part)) variables(value, into)
    }
  }
  for (const { id, value } of new FluentResource(read(tongue)).body) {
    const used = new Set<string>()
    variables(value, used)
    found.set(id, used)
  }
  return found
}

const en = messages('en')
const ko = messages('ko')

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.(svelte|ts)$/.test(name) && !/\.test\.ts$|^lib\/backend\//.test(name),
)
const text = (name: string) => readFileSync(join(SOURCES, name), 'utf8')

describe('the texts', () => {
  it('are the same ones in both tongues', () => {
    expect(en.size).toBeGreaterThan(200)
    expect([...ko.keys()].sort()).toEqual([...en.keys()].sort())
  })

  it('are defined once', () => {
    for (const tongue of ['en', 'ko']) {
      const ids: string[] = read(tongue).match(/^[a-zA-Z][\w-]*(?= =)/gm) ?? []
      expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([])
    }
  })

  it('use the same variables', () => {
    for (const [id, used] of en) expect([id, [...(ko.get(id) ?? [])].sort()]).toEqual([id, [...used].sort()])
  })

  it('are Korean in Korean', () => {
    const same = ['language-en', 'version', 'fact-etag', 'fact-sha256', 'sent-of', 'data-dir']
    for (const [id, line] of [...read('ko').matchAll(/^([\w-]+) = (.*)$/gm)].map(
      (match) => [match[1], match[2]] as const,
    )) {
      if (!line?.includes('->') && !same.includes(id ?? ''))
        expect([id, line]).toEqual([id, expect.stringMatching(/[가-힣]/)])
    }
  })

  it('are there for every id the window asks for', () => {
    const asked = files.flatMap((name) => [
      ...text(name).matchAll(/\bt\(\s*(?:\w+ \? )?'([\w-]+)'(?: : '([\w-]+)')?/g),
    ])
    const ids = asked.flatMap((match) => [match[1], match[2]]).filter((id) => id !== undefined)
    expect(ids.length).toBeGreaterThan(150)
    expect([...new Set(ids)].filter((id) => !en.has(id))).toEqual([])
  })
})

describe('the components', () => {
  const SPOKEN = new Set([
    'aria-label',
    'title',
    'alt',
    'placeholder',
    'label',
    'text',
    'help',
    'aria-description',
  ])
  // Samples of an address and of patterns are the same in every tongue.
  const SAMPLES = ['photos.example/api', '*.jpg  raw/**', '*.tmp  rejected/**']

  function said(part: unknown, found: string[]) {
    if (Array.isArray(part)) {
      part.forEach((one) => said(one, found))
      return
    }
    if (typeof part !== 'object' || part === null) return
    const node = part as { type?: string; name?: string; data?: string; value?: unknown; fragment?: unknown }
    if (node.type === 'StyleDirective') return
    if (node.type === 'Text' && /\p{L}/u.test(node.data ?? '')) found.push(node.data ?? '')
    if (node.type === 'Attribute') {
      if (!SPOKEN.has(node.name ?? '')) return
      const values = Array.isArray(node.value) ? node.value : []
      for (const value of values as { type?: string; data?: string }[]) {
        if (value.type === 'Text' && /\p{L}/u.test(value.data ?? '') && !SAMPLES.includes(value.data ?? '')) {
          found.push(`${node.name}="${value.data}"`)
        }
      }
      return
    }
    for (const [key, value] of Object.entries(part))
      if (key !== 'css' && key !== 'instance' && key !== 'module') said(value, found)
  }

  it.each(files.filter((name) => name.endsWith('.svelte')))('%s says nothing of its own', (name) => {
    const found: string[] = []
    said(parse(text(name), { modern: true }).fragment, found)
    expect(found).toEqual([])
  })
})
