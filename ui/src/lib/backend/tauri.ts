// The desktop shell behind the port.

import { convertFileSrc, invoke } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import { CommandError, type Backend } from './port'
import type { ControlError, WindowEvent } from './protocol'

function isControlError(error: unknown): error is ControlError {
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error
}

export const tauri: Backend = {
  async ask(name, ...args) {
    try {
      return await invoke(name, args[0])
    } catch (error) {
      throw new CommandError(
        isControlError(error) ? error : { code: 'shell', message: String(error), hint: null },
      )
    }
  },
  listen: (hear) => listen<WindowEvent>('offload', (event) => hear(event.payload)),
  // A row keeps its file_id as long as its bytes stay the same: a changed file has another address.
  thumbnail: (row, edge) => convertFileSrc(`${edge}/${row.id}/${row.file_id}`, 'thumb'),
}
