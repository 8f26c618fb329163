import { describe, expect, it } from 'vitest'
import * as format from './format'

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 KB'],
    [1234, '1.2 KB'],
    [9_949, '9.9 KB'],
    [9_950, '10 KB'],
    [999_499, '999 KB'],
    [999_500, '1 MB'],
    [23_400_000_000, '23 GB'],
    [5_000_000_000_000, '5 TB'],
  ])('%d', (value, text) => expect(format.bytes('en', value).replace('\u00a0', ' ')).toBe(text))
})

it('counts are grouped', () => {
  expect(format.count('en', 1204)).toBe('1,204')
  expect(format.count('ko', 100_000)).toBe('100,000')
})

describe('share', () => {
  it.each([
    [0, 0, 0],
    [0, 10, 0],
    [5, 10, 0.5],
    // Not everything is never everything.
    [9_999, 10_000, 0.99],
    [10_000, 10_000, 1],
    [11, 10, 1],
  ])('%d of %d', (done, all, is) => expect(format.share(done, all)).toBe(is))
})

describe('span', () => {
  it.each([
    [0.2, 'seconds', 1, 0],
    [59.4, 'seconds', 59, 0],
    [60, 'minutes', 1, 0],
    [3_569, 'minutes', 59, 0],
    [3_599, 'hours', 1, 0],
    [5_400, 'hours', 1, 30],
    [86_400, 'days', 1, 0],
    [200_000, 'days', 2, 8],
  ])('%d s', (seconds, unit, value, rest) => expect(format.span(seconds)).toEqual({ unit, value, rest }))
})

describe('time of day', () => {
  it.each([
    ['9', 540],
    ['9:05', 545],
    ['09.05', 545],
    ['0905', 545],
    ['9시 30', 570],
    [' 23:59 ', 1439],
    ['24:00', null],
    ['12:60', null],
    ['noon', null],
    ['', null],
  ])('%s', (text, minutes) => expect(format.readTimeOfDay(text)).toBe(minutes))
  it('is written back', () =>
    expect([0, 545, 1439].map(format.timeOfDay)).toEqual(['00:00', '09:05', '23:59']))
})

it('a moment of today is a time, another a date, another year has its year', () => {
  const now = new Date(2026, 10, 24, 15, 0).getTime()
  const at = (...parts: [number, number, number, number]) => new Date(...parts).getTime()
  expect(format.moment('en', at(2026, 10, 24, 9), now)).toMatch(/^9:00/)
  expect(format.moment('en', at(2026, 10, 20, 9), now)).toBe('Nov 20')
  expect(format.moment('en', at(2024, 0, 2, 9), now)).toBe('Jan 2, 2024')
  expect(format.moment('ko', at(2026, 10, 20, 9), now)).toBe('11월 20일')
})

it('until tomorrow ends at midnight', () => {
  const midnight = new Date(format.tomorrow(new Date(2026, 10, 24, 15, 30).getTime()))
  expect([midnight.getDate(), midnight.getHours(), midnight.getMinutes()]).toEqual([25, 0, 0])
})

it('an attempt takes milliseconds or seconds', () => {
  expect([3, 1_250, 24_000].map((ms) => format.took('en', ms))).toEqual([
    { unit: 'ms', text: '3' },
    { unit: 's', text: '1.3' },
    { unit: 's', text: '24' },
  ])
})
