// Every code that the engine can give has its words in both languages, with the same variables.

import { FluentBundle, FluentResource } from '@fluent/bundle'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ENGINE = resolve(import.meta.dirname, '../../../crates/engine/src')
const TONGUES = ['en', 'ko'] as const

const sources = readdirSync(ENGINE, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.rs'),
)
const read = (name: string) => readFileSync(join(ENGINE, name), 'utf8')

/** The words of `codes!` in cause.rs. */
function causes(): string[] {
  const list = /^codes! \{$(.*?)^\}$/ms.exec(read('cause.rs'))?.[1] ?? ''
  return [...list.matchAll(/= "(\w+)",/g)].map((match) => match[1]!)
}

/** What each `fn code` of an error gives out by itself. */
function errors(): string[] {
  return sources.flatMap((name) => {
    const text = read(name)
    return [...text.matchAll(/pub const fn code\(&self\) -> &'static str \{(.*?)\n {4}\}/gs)].flatMap(
      (body) => [...body[1]!.matchAll(/=> "(\w+)"/g)].map((match) => match[1]!),
    )
  })
}

/** The list of codes that notices can have, where the engine has one. */
function notices(): string[] {
  if (!sources.includes('notice.rs')) return []
  const list = /pub const CODES: &\[&str\] = &\[(.*?)\];/s.exec(read('notice.rs'))?.[1] ?? ''
  return [...list.matchAll(/"(\w+)"/g)].map((match) => match[1]!)
}

const texts = Object.fromEntries(
  TONGUES.map((tongue) => [tongue, readFileSync(join(import.meta.dirname, tongue, 'causes.ftl'), 'utf8')]),
) as Record<(typeof TONGUES)[number], string>
const ids = (text: string) => [...text.matchAll(/^([a-z][\w-]*) =/gm)].map((match) => match[1]!)
const messages = (text: string) =>
  new Map(
    text
      .split(/\n(?=[a-z#])/)
      .flatMap((part) => (ids(part)[0] === undefined ? [] : [[ids(part)[0]!, part] as const])),
  )
const variables = (message: string) =>
  [...new Set([...message.matchAll(/\$(\w+)/g)].map((match) => match[1]!))].sort()

describe('causes', () => {
  it('are found in the engine', () => {
    expect(causes().length).toBeGreaterThan(40)
    expect(causes()).toContain('signed_out')
    expect(errors()).toEqual(expect.arrayContaining(['bad_glob', 'ledger_owned', 'config', 'disk_full']))
  })

  it.each(TONGUES)('have both messages in %s', (tongue) => {
    const known = new Set(ids(texts[tongue]))
    const wanted = [...new Set([...causes(), ...errors(), 'daily_limit', 'shell'])].flatMap((code) => [
      `cause-${code}`,
      `cause-${code}-todo`,
    ])
    expect(wanted.filter((id) => !known.has(id))).toEqual([])
    // `note` is what an older version kept, words alone: they are shown as they are.
    expect(
      notices()
        .filter((code) => code !== 'note')
        .map((code) => `notice-${code}`)
        .filter((id) => !known.has(id)),
    ).toEqual([])
  })

  it.each(TONGUES)('can be read by Fluent in %s, each id once', (tongue) => {
    const bundle = new FluentBundle(tongue)
    expect(bundle.addResource(new FluentResource(texts[tongue]))).toEqual([])
    expect(new Set(ids(texts[tongue])).size).toBe(ids(texts[tongue]).length)
    for (const [id, message] of messages(texts[tongue])) {
      const value = bundle.getMessage(id)?.value
      expect(value, id).toBeTruthy()
      const given = Object.fromEntries(variables(message).map((name) => [name, `<${name}>`]))
      const faults: Error[] = []
      expect(bundle.formatPattern(value!, given, faults), id).toMatch(/\S/)
      expect(faults, id).toEqual([])
    }
  })

  it('have the same ids and the same variables in both languages', () => {
    const [en, ko] = [messages(texts.en), messages(texts.ko)]
    expect([...ko.keys()]).toEqual([...en.keys()])
    for (const [id, message] of en) expect([id, variables(ko.get(id)!)]).toEqual([id, variables(message)])
  })

  it('are Korean in Korean', () => {
    for (const [id, message] of messages(texts.ko)) expect([id, /[가-힣]/.test(message)]).toEqual([id, true])
  })
})
