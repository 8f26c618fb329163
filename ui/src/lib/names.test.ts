import { describe, expect, it } from 'vitest'
import { ends, extension, kindOf, split, tidyPrefix, visible } from './names'

describe('visible', () => {
  it.each([
    ['plain.jpg', 'plain.jpg'],
    ['two\nlines', 'two⏎lines'],
    ['tab\there\r', 'tab‹0009›here‹000D›'],
    ['invoice\u202Egpj.exe', 'invoice‹202E›gpj.exe'],
    ['\u200Fshy\u00AD', '‹200F›shy‹00AD›'],
    ['👩‍👩‍👧‍👦.jpg', '👩‍👩‍👧‍👦.jpg'],
    ['<img src=x>', '<img src=x>'],
    ['שלום.jpg', 'שלום.jpg'],
  ])('%j', (name, shown) => expect(visible(name)).toBe(shown))
})

describe('ends', () => {
  it.each([
    ['short.jpg', 9, 'short.jpg', ''],
    ['IMG_00123456.jpg', 8, 'IMG_0012', '3456.jpg'],
    ['', 8, '', ''],
  ])('%s', (text, length, head, tail) => expect(ends(text, length)).toEqual({ head, tail }))

  it('never cuts a character in two', () => {
    const family = '👩‍👩‍👧‍👦'
    const cut = ends(family.repeat(30), 3)
    expect(cut.tail).toBe(family.repeat(3))
    expect(cut.head + cut.tail).toBe(family.repeat(30))
  })
})

describe('paths', () => {
  it.each([
    ['a/b/c.JPG', 'a/b', 'c.JPG', 'jpg', 'photo'],
    ['c.cr3', '', 'c.cr3', 'cr3', 'raw'],
    ['x/clip.MOV', 'x', 'clip.MOV', 'mov', 'video'],
    ['.hidden', '', '.hidden', '', 'other'],
    ['a.b/none', 'a.b', 'none', '', 'other'],
  ])('%s', (path, folder, name, ending, kind) => {
    expect(split(path)).toEqual({ folder, name })
    expect(extension(path)).toBe(ending)
    expect(kindOf(path)).toBe(kind)
  })
})

it('a prefix loses slashes that say nothing', () => {
  expect([' /a//b/ ', '', '///', 'weddings/2026'].map(tidyPrefix)).toEqual(['a/b', '', '', 'weddings/2026'])
})
