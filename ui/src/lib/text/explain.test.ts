// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest'
import { explain, notice, sentence } from './explain'
import { texts } from './texts.svelte'

afterEach(() => texts.speak('en'))

describe('sentence', () => {
  it.each([
    ['the file is gone', 'The file is gone.'],
    ['/home/mina/x cannot be read', '/home/mina/x cannot be read.'],
    ['photos.example:443 can’t be reached', 'photos.example:443 can’t be reached.'],
    ['sign in again.', 'Sign in again.'],
    ['', ''],
  ])('%s', (text, is) => expect(sentence(text)).toBe(is))
})

it('English keeps the specifics of the engine; Korean has the words of the code, with the English below', () => {
  const asked = ['unreadable', "the file can't be read: EIO", 'check the disk'] as const
  expect(explain(...asked)).toEqual({
    what: "The file can't be read: EIO.",
    todo: 'Check the disk.',
    detail: null,
  })
  texts.speak('ko')
  const korean = explain(...asked)
  expect(korean.what).toMatch(/[가-힣]/)
  expect(korean.todo).toMatch(/[가-힣]/)
  expect(korean.detail).toBe("The file can't be read: EIO.")
})

it('a code nobody knows still says what the engine said', () => {
  texts.speak('ko')
  expect(explain('brand_new', 'something new', null)).toEqual({
    what: 'Something new.',
    todo: null,
    detail: null,
  })
})

it('a notice without what its words need is told in English', () => {
  texts.speak('ko')
  expect(notice({ code: 'unreadable', text: 'x cannot be read', args: {} })).toBe('X cannot be read.')
  expect(notice({ code: 'back', text: 'x is back', args: { name: 'x' } })).toMatch(/[가-힣]/)
})
