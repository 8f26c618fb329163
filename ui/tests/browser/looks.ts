// What can be measured of a picture: nothing scrolls sideways, nothing is cut off or covered, what has the focus shows it.

import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** No part of the window scrolls sideways, or is wider than the window. */
export async function expectNoSideScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const found: string[] = []
    const name = (element: Element) => `${element.tagName.toLowerCase()}.${[...element.classList].join('.')}`
    if (document.documentElement.scrollWidth > innerWidth) {
      const over = [...document.querySelectorAll('body *')].filter(
        (element) => element.getBoundingClientRect().right > innerWidth + 1,
      )
      found.push('the window', ...over.slice(0, 6).map(name))
    }
    for (const element of document.querySelectorAll('body *')) {
      const { overflowX } = getComputedStyle(element)
      if ((overflowX === 'auto' || overflowX === 'scroll') && element.scrollWidth > element.clientWidth + 1) {
        const edge = element.getBoundingClientRect().right
        const over = [...element.querySelectorAll('*')].filter(
          (part) => part.getBoundingClientRect().right > edge + 1,
        )
        found.push(name(element), ...over.slice(0, 6).map(name))
      }
    }
    return found
  })
  expect(wide, 'scrolls sideways').toEqual([])
}

/** An open menu comes back beside its button after the window changed: its place is worked out a moment after the layout. */
export async function expectMenusInside(page: Page): Promise<void> {
  const outside = () =>
    page.evaluate(
      () =>
        [...document.querySelectorAll('[role="menu"]')].filter((menu) => {
          const { left, right, top, bottom } = menu.getBoundingClientRect()
          return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight
        }).length,
    )
  await expect.poll(outside, { message: 'menus that reach out of the window', timeout: 2000 }).toBe(0)
}

/** Every control that can be seen can be clicked at its middle: nothing lies over it, and none lies over another. */
export async function expectNoOverlap(page: Page): Promise<void> {
  const covered = await page.evaluate(() => {
    const name = (element: Element | null) =>
      element === null
        ? 'nothing'
        : `${element.tagName.toLowerCase()} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}"`
    // What lies on top by design: a menu, a dialog, or the story where there is no room beside the list.
    const story = document.querySelector('aside')
    const over = story !== null && getComputedStyle(story).position === 'absolute' ? [story] : []
    const dialog = [
      ...over,
      ...document.querySelectorAll('[role=dialog], [role=alertdialog], [role=menu]'),
    ].at(-1)
    const controls = (dialog ?? document).querySelectorAll(
      'button, a[href], input, select, [role=switch], [role=radio], [role=tab], [role=combobox], [role=menuitem]',
    )
    const found: string[] = []
    for (const control of controls) {
      const box = control.getBoundingClientRect()
      const style = getComputedStyle(control)
      if (
        box.width < 2 ||
        box.height < 2 ||
        style.visibility === 'hidden' ||
        style.pointerEvents === 'none' ||
        style.opacity === '0'
      )
        continue
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
      // Scrolled out of sight is no fault.
      let clip: Element | null = control.parentElement
      let seen = x >= 0 && y >= 0 && x < innerWidth && y < innerHeight
      for (; clip !== null && seen; clip = clip.parentElement) {
        if (getComputedStyle(clip).overflow === 'visible') continue
        const edge = clip.getBoundingClientRect()
        seen = x >= edge.left && x <= edge.right && y >= edge.top && y <= edge.bottom
      }
      if (!seen) continue
      const on = document.elementFromPoint(x, y)
      const label =
        control.closest('label') ??
        (control.id ? document.querySelector(`label[for="${CSS.escape(control.id)}"]`) : null)
      if (on !== null && !control.contains(on) && !on.contains(control) && !label?.contains(on))
        found.push(`${name(control)} under ${name(on)}`)
    }
    return found
  })
  expect(covered, 'controls that something lies over').toEqual([])
}

/** No text is cut off without an ellipsis that says so. */
export async function expectNothingCutOff(page: Page): Promise<void> {
  const cut = await page.evaluate(() => {
    const found: string[] = []
    for (const element of document.querySelectorAll('body *')) {
      const own = [...element.childNodes].some(
        (node) => node.nodeType === 3 && (node.textContent ?? '').trim() !== '',
      )
      if (!own || element.clientWidth <= 1) continue
      const style = getComputedStyle(element)
      if (
        style.overflow === 'visible' ||
        style.clipPath !== 'none' ||
        style.overflow === 'auto' ||
        style.overflow === 'scroll'
      )
        continue
      const says = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none'
      const tall = element.scrollHeight > element.clientHeight + 2 && style.webkitLineClamp === 'none'
      if ((!says && element.scrollWidth > element.clientWidth + 1) || tall)
        found.push((element.textContent ?? '').trim().slice(0, 60))
    }
    return found
  })
  expect(cut, 'text that is cut off').toEqual([])
}

/** A control has the focus, and shows it. */
export async function expectFocusShown(page: Page): Promise<string> {
  const focus = await page.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return { name: 'nothing', shown: false, seen: false }
    // The ring may be drawn by the control, or by what holds it.
    const around: Element[] = []
    for (let at: Element | null = element; at !== null && around.length < 4; at = at.parentElement)
      around.push(at)
    const inside = [...element.querySelectorAll('*')].slice(0, 8)
    const shown = [...around, ...inside].some((at) => {
      const style = getComputedStyle(at)
      const ring =
        style.outlineStyle !== 'none' &&
        parseFloat(style.outlineWidth) > 0 &&
        style.outlineColor !== 'rgba(0, 0, 0, 0)'
      return ring || (at.matches(':focus-within') && style.boxShadow !== 'none')
    })
    const box = element.getBoundingClientRect()
    const seen = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth
    return {
      name: `${element.getAttribute('role') ?? element.tagName.toLowerCase()} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}"`,
      shown,
      seen,
    }
  })
  expect(focus, 'what has the focus').toMatchObject({ shown: true, seen: true })
  return focus.name
}

/** Goes on with Tab (or Shift+Tab) until this has the focus; every stop on the way shows it. */
export async function tabTo(
  page: Page,
  target: ReturnType<Page['locator']>,
  { back = false, most = 40 } = {},
): Promise<void> {
  for (let step = 0; step < most; step++) {
    if (
      await target
        .evaluate((element) => element === document.activeElement || element.contains(document.activeElement))
        .catch(() => false)
    ) {
      await expectFocusShown(page)
      return
    }
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab')
    await expectFocusShown(page)
  }
  throw new Error(`Tab does not come to ${target}`)
}

/** No violation of WCAG A and AA, nor of the best practices that axe knows. */
export async function expectAccessible(page: Page): Promise<void> {
  const menu = (await page.getByRole('menu').count()) > 0
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  // An open menu hangs over the page beside every landmark, as the ARIA practices have it; its button is in one.
  const told = violations
    .filter(({ id }) => id !== 'region' || !menu)
    .map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes
        .slice(0, 4)
        .map((node) => `${node.target.join(' ')}: ${node.any.concat(node.all, node.none)[0]?.message ?? ''}`),
    }))
  expect(told, 'what axe finds').toEqual([])
}

/** Everything that moves has come to rest. */
export const settled = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await Promise.all(
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity)
        .map((animation) => animation.finished.catch(() => null)),
    )
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  })

/** The focus has come into it: keys that are pressed now are its own. */
export async function expectFocusIn(target: ReturnType<Page['locator']>): Promise<void> {
  await expect
    .poll(() => target.evaluate((element) => element.contains(document.activeElement)), {
      message: 'has the focus',
    })
    .toBe(true)
}
