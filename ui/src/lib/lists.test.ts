import { describe, expect, it } from 'vitest'
import { rowOf } from '../../tests/rows'
import { byCause } from './grouping'
import { Pages, pagesOf } from './pages'
import { drawn, height, lead, revealing } from './scrolling'
import * as selection from './selection'

describe('pages', () => {
  const page = (from: number) => Array.from({ length: 10 }, (_, at) => rowOf({ id: from + at }))

  it('keeps a bounded number, the last used', () => {
    const pages = new Pages(10, 3)
    for (const number of [0, 1, 2]) pages.put(number, page(number * 10))
    expect(pages.at(5)?.id).toBe(5)
    pages.put(3, page(30))
    expect(pages.count).toBe(3)
    expect([0, 1, 2, 3].filter((number) => pages.has(number))).toEqual([0, 2, 3])
    expect(pages.at(12)).toBeUndefined()
  })

  it('puts changed rows in their place and knows which it holds', () => {
    const pages = new Pages(10, 3)
    pages.put(2, page(20))
    expect(pages.held([1, 25, 29])).toEqual([25, 29])
    expect(pages.indexOf(25)).toBe(25)
    expect(pages.patch([rowOf({ id: 25, state: 'failed' }), rowOf({ id: 1 })])).toBe(true)
    expect(pages.at(25)?.state).toBe('failed')
    expect(pages.patch([rowOf({ id: 1 })])).toBe(false)
    pages.keep(new Set([1]))
    expect(pages.count).toBe(0)
  })

  it.each([
    [0, 30, 1000, [0]],
    [190, 210, 1000, [0, 1]],
    [950, 1200, 1000, [4]],
    [0, 10, 0, [0]],
    [-5, 500, 10, [0]],
  ])('pages of rows %d to %d of %d', (first, last, total, numbers) =>
    expect(pagesOf(first, last, total, 200)).toEqual(numbers),
  )
})

describe('scrolling', () => {
  const geometry = { total: 100_000, row: 46, viewport: 460 }

  it.each([
    [0, 0, 16],
    [460, 4, 26],
    [4_599_540, 99_984, 99_999],
  ])('at %d', (top, first, last) => expect(drawn(geometry, top, 6)).toEqual({ first, last }))

  it('draws nothing of nothing', () =>
    expect(drawn({ ...geometry, total: 0 }, 0, 6)).toEqual({ first: 0, last: -1 }))

  it('brings a row into sight only where it is not', () => {
    expect(revealing(geometry, 0, 3)).toBeNull()
    expect(revealing(geometry, 0, 10)).toBe(46)
    expect(revealing(geometry, 1000, 3)).toBe(138)
  })

  it('a list higher than a browser can scroll is scrolled in proportion', () => {
    const long = { total: 2_000_000, row: 46, viewport: 460 }
    const highest = 12_000_000
    expect(height(long)).toBe(highest)
    const end = highest - long.viewport
    expect(drawn(long, end, 0).last).toBe(1_999_999)
    expect(lead(long, 0)).toBe(0)
    const to = revealing(long, 0, 1_999_999)
    expect(drawn(long, to ?? 0, 0).last).toBe(1_999_999)
  })
})

describe('selection', () => {
  it('one, more, a range', () => {
    let chosen = selection.only(7, 3)
    chosen = selection.toggle(chosen, 9, 5)
    expect([...chosen.ids]).toEqual([7, 9])
    chosen = selection.toggle(chosen, 7, 3)
    expect([...chosen.ids]).toEqual([9])
    expect(selection.reach(chosen.anchor, 6)).toEqual({ from: 3, to: 6 })
    expect(selection.reach(5, 2)).toEqual({ from: 2, to: 5 })
    expect([...selection.range(chosen, [1, 2]).ids]).toEqual([1, 2])
  })

  it('is bounded', () => {
    expect(selection.reach(0, 100_000)).toEqual({ from: 0, to: selection.MOST - 1 })
    expect(selection.reach(100_000, 0)).toEqual({ from: 100_001 - selection.MOST, to: 100_000 })
  })
})

it('what needs a person is grouped by cause: failed before missing, the most first', () => {
  const rows = [
    rowOf({ id: 1, state: 'missing', code: 'vanished' }),
    rowOf({ id: 2, state: 'failed', code: 'unreadable' }),
    rowOf({ id: 3, state: 'failed', code: 's3_denied' }),
    rowOf({ id: 4, state: 'failed', code: 's3_denied' }),
  ]
  expect(byCause(rows).map((group) => [group.key, group.rows.map((row) => row.id)])).toEqual([
    ['failed/s3_denied', [3, 4]],
    ['failed/unreadable', [2]],
    ['missing/vanished', [1]],
  ])
})
