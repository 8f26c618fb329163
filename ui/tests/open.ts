// The whole window on a fake backend, in jsdom.

import { configure, render } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import Window from '../src/App.svelte'
import { App } from '../src/lib/stores/app.svelte'
import { readAhead } from '../src/places/later'
import { Fake, type Answers } from './fake'

// A machine that builds at the same time is slow; without the page's markup a failure can be read.
configure({
  asyncUtilTimeout: 5000,
  getElementError: (message) => Object.assign(new Error(message ?? ''), { name: 'NotFound' }),
})

/** What jsdom has no layout for: a list of ten rows' height. */
function giveSizes() {
  globalThis.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  }
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => 492 })
  window.matchMedia ??= (media) =>
    Object.assign(new EventTarget(), {
      media,
      matches: false,
      onchange: null,
      addListener() {},
      removeListener() {},
    })
  Element.prototype.scrollIntoView ??= () => {}
  HTMLElement.prototype.hasPointerCapture ??= () => false
}

export async function open(answers: Answers = {}) {
  giveSizes()
  const backend = new Fake(answers)
  const app = new App(backend)
  const user = userEvent.setup({ pointerEventsCheck: 0 })
  const stop = await app.start()
  // The parts that are read when they are wanted are there already, as a moment after the start.
  await readAhead()
  const view = render(Window, { props: { app } })
  await new Promise((read) => setTimeout(read))
  return { ...view, app, backend, user, stop }
}
