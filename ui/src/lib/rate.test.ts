import { describe, expect, it } from 'vitest'
import { asRate, readRate } from './rate'

describe('a speed limit', () => {
  it.each([
    ['5', 'MB', 5_000_000],
    ['2,5', 'MB', 2_500_000],
    ['.5', 'MB', 500_000],
    ['800', 'KB', 800_000],
    ['9', 'KB', null],
    ['0', 'MB', null],
    ['-1', 'MB', null],
    ['1e9', 'MB', null],
    ['fast', 'MB', null],
    ['9999999999', 'MB', null],
  ] as const)('%s %s', (text, unit, bytes) => expect(readRate(text, unit)).toBe(bytes))

  it('is shown as it was entered', () => {
    expect([5_000_000, 2_500_000, 800_000].map(asRate)).toEqual([
      { value: 5, unit: 'MB' },
      { value: 2.5, unit: 'MB' },
      { value: 800, unit: 'KB' },
    ])
  })
})
