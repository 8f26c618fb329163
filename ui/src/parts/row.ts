import type { FileRow } from '../lib/backend/protocol'
import { explain } from '../lib/text/explain'
import { say, t } from '../lib/text/texts.svelte'

/** What stands small under a row's state: when it is tried again, why it failed. */
export function beside(row: FileRow, sent: number | null): string | null {
  switch (row.state) {
    case 'waiting':
      return row.retry_at_ms === null ? null : t('retry-at', { time: say.coming(row.retry_at_ms) })
    case 'uploaded':
    case 'failed':
    case 'skipped':
    case 'missing':
      return row.code === null && row.reason === null ? null : explain(row.code, row.reason, row.hint).what
    case 'uploading':
      return sent === null ? t('preparing') : null
    default:
      return null
  }
}
