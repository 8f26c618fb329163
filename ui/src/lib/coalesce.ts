/** Runs something at once, then at most every so often, and never twice at the same time. */
export interface Coalesced {
  (): void
  stop(): void
}

export function coalesce(every_ms: number, run: () => Promise<void> | void): Coalesced {
  let timer: ReturnType<typeof setTimeout> | null = null
  let running = false
  let again = false
  let stopped = false
  let last = Number.NEGATIVE_INFINITY

  async function start() {
    timer = null
    running = true
    again = false
    last = performance.now()
    try {
      await run()
    } finally {
      running = false
      if (again) ask()
    }
  }

  function ask() {
    if (stopped || timer !== null) return
    if (running) {
      again = true
      return
    }
    const wait = last + every_ms - performance.now()
    if (wait <= 0) void start()
    else timer = setTimeout(() => void start(), wait)
  }

  return Object.assign(ask, {
    stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      timer = null
    },
  })
}
