// Stays the first: it asks for what the rest will show.
import { first } from './lib/backend/first'
import { mount } from 'svelte'
import App from './App.svelte'
import type { Backend } from './lib/backend/port'
import { tauri } from './lib/backend/tauri'
import { App as State } from './lib/stores/app.svelte'
import './styles/base.css'

/** The shell where there is one; in a plain browser the mock, which the shipped build doesn't hold. */
async function backend(): Promise<Backend> {
  if ('__TAURI_INTERNALS__' in window) return tauri
  if (import.meta.env.DEV || import.meta.env.VITE_MOCK) return (await import('./lib/backend/mock')).mock()
  throw new Error('Offload opens in its own window, not in a browser')
}

// No `await` of the module's own: the parts that are read later import from its file, and would wait for it.
async function open(): Promise<void> {
  const app = new State(await backend())
  const started = app.start(first ?? undefined)
  mount(App, { target: document.getElementById('app') as HTMLElement, props: { app } })
  await started.catch((error: unknown) => app.tell(error))
}

void open()
