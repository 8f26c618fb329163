// What the engine will tell before `protocol.ts` has it; goes when it does.

import type { SourceView, Status, WindowEvent } from '../protocol'

export interface Notice {
  code: string
  text: string
  args: Record<string, string>
}

export const asNotices = (notices: Notice[]): SourceView['notices'] => notices as unknown as SourceView['notices']

export const withHold = (status: Status, code: string | null, retry_in_s: number | null): Status =>
  Object.assign(status, { code, retry_in_s })

export const noticeEvent = (source_id: number | null, notice: Notice): WindowEvent =>
  ({ window: 'engine', with: { event: 'notice', source_id, notice, text: notice.text } }) as unknown as WindowEvent
