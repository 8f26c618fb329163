import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { coalesce } from './coalesce'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('runs at once, then once for all that was asked in between, and not after it is stopped', async () => {
  const run = vi.fn()
  const ask = coalesce(200, run)
  ask()
  expect(run).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(10)
  for (let time = 0; time < 50; time += 1) ask()
  expect(run).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(200)
  expect(run).toHaveBeenCalledTimes(2)
  ask()
  ask.stop()
  await vi.advanceTimersByTimeAsync(1000)
  expect(run).toHaveBeenCalledTimes(2)
})

it('never runs twice at the same time, and again for what came meanwhile', async () => {
  const ends: (() => void)[] = []
  const run = vi.fn(() => new Promise<void>((end) => ends.push(end)))
  const ask = coalesce(100, run)
  ask()
  await vi.advanceTimersByTimeAsync(500)
  ask()
  ask()
  await vi.advanceTimersByTimeAsync(500)
  expect(run).toHaveBeenCalledTimes(1)
  ends[0]?.()
  await vi.advanceTimersByTimeAsync(1)
  expect(run).toHaveBeenCalledTimes(2)
})
