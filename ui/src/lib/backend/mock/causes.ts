// Causes as the engine words them: code, reason, hint.

import type { ControlError, State } from '../protocol'

export interface Cause {
  code: string
  reason: string
  hint: string | null
}

const cause = (code: string, reason: string, hint: string | null = null): Cause => ({ code, reason, hint })

const FIELDS =
  'for the backend: send the fields of a POST, or url and headers of a PUT, just as the signer returned them'
const PUT_OBJECT =
  'for the backend: the identity it signs with needs s3:PutObject on this key (and s3:PutObjectAcl where the form sets an acl); some servers also answer so to a wrong access key, secret or signature'
const REGION =
  'for the backend: sign for the bucket\'s own region and name its endpoint, with boto3 client("s3", region_name=…, endpoint_url="https://s3.REGION.amazonaws.com") or Config(s3={"addressing_style": "virtual"})'

/** What lets a file wait for its next try. */
export const WAITING: readonly Cause[] = [
  cause('dropped', 'the connection to s3.ap-northeast-2.amazonaws.com:443 broke: connection reset by peer'),
  cause('stalled', 'no byte went out for 30 s'),
  cause('s3_slow_down', 'S3 asks to slow down (503 SlowDown: Please reduce your request rate.)'),
  cause(
    's3_internal',
    'S3 had an internal error (500 InternalError: We encountered an internal error. Please try again.)',
  ),
  cause(
    's3_timeout',
    'S3 waited too long for the bytes (400 RequestTimeout: Your socket connection to the server was not read from or written to within the timeout period.)',
  ),
  cause('backend_busy', 'the backend is busy (429: Too many requests)'),
  cause('backend_error', 'the backend had an error (502)', 'for the backend: look into its log at this time'),
  cause(
    'backend_silent',
    "the backend's answer does not mention this file",
    'for the backend: answer with one entry for each file_id asked about',
  ),
  cause(
    'not_in_bucket',
    'the backend does not find the file in its bucket (409: Object not found)',
    'it is sent again; if that repeats, the backend looks into another bucket or under another key than it signed for',
  ),
  cause('changed_while_sending', 'the file changed: 28311552 bytes became 28442624, or it was written again'),
]

/** What a person has to act on. */
export const FAILED: readonly Cause[] = [
  cause(
    'policy_condition',
    'a condition of the policy is not met (403 AccessDenied: Invalid according to Policy: Policy Condition failed: ["starts-with", "$Content-Type", "image/"])',
    'for the backend, field "Content-Type": this field has to meet the policy\'s condition, or the condition has to go',
  ),
  cause('unreadable', 'no permission to read the file', 'give your account the right to read it, then retry'),
  cause(
    'too_large',
    'the file has 6442450944 bytes, and the backend takes at most 5368709120 in one upload',
    'send it another way, or have the backend raise its limit (one presigned POST ends at 5 GB)',
  ),
  cause('s3_denied', 'S3 denies access (403 AccessDenied: Access Denied)', PUT_OBJECT),
  cause(
    'backend_refused',
    'the backend refuses the file (422: This album is closed)',
    'what the backend objects to has to be mended there or in the file; then retry',
  ),
  cause(
    'signature_mismatch',
    'the signature does not match (403 SignatureDoesNotMatch)',
    'for the backend: the secret key does not fit the access key, the region of the signature is wrong, or something signed (the policy, a field, a header) was altered afterwards',
  ),
  cause(
    'no_such_bucket',
    'the bucket does not exist (404 NoSuchBucket: The specified bucket does not exist)',
    "for the backend: look at the bucket's name, its region and the endpoint in the url",
  ),
  cause('wrong_region', 'S3 wants the form sent elsewhere (301); it points to eu-central-1', REGION),
  cause(
    'stored_other',
    'S3 holds other bytes than were sent: its SHA-256 differs',
    'the file is read and sent once more; if it happens again, something between here and S3 alters the bytes',
  ),
  cause(
    'key_changed',
    'the backend first named the key studio/a1/DSC00017.ARW for this file, and now studio/b2/DSC00017.ARW',
    'for the backend: the same file_id has to get the same key every time, or a second copy is left behind',
  ),
  cause(
    'policy_too_large',
    'the file is larger than the policy allows (400 EntityTooLarge)',
    'for the backend: widen content-length-range in the policy, or refuse the file at presign',
  ),
  cause('s3_refused', 'S3 refuses the upload (400 InvalidArgument)', FIELDS),
  cause(
    'unreadable',
    "the file can't be read: Input/output error (os error 5)",
    'check the disk or card it is on, then retry',
  ),
]

/** Why a file is left out. */
export const SKIPPED: readonly Cause[] = [
  cause(
    'not_a_file',
    'a link to a folder; links to folders are not followed',
    'add the folder it points to, if its photos should be sent',
  ),
  cause('excluded', 'it is excluded by *.xmp'),
  cause('kept_first', 'the first version stands; later changes are not sent'),
  cause('moved_elsewhere', 'it was renamed or moved before it was sent; it is now Selects/DSC00231.ARW'),
  cause('not_a_file', 'no file: a pipe, a socket or a device', "nothing is to be done; it can't be sent"),
]

export const VANISHED = cause(
  'vanished',
  'the file was gone before it could be sent',
  'if it should be sent, put it back: it is then picked up by itself',
)
export const DISMISSED = cause('dismissed', 'it was gone before it could be sent, and was dismissed')
export const SUPERSEDED = cause('superseded', 'a newer version took its place before this one was confirmed')
export const CANCELLED = cause(
  'cancelled',
  'the batch was cancelled before the file was sent',
  'give the folder again to send it after all',
)
export const PENDING = cause(
  'backend_pending',
  'the file is in S3, and the backend is still processing it',
  'nothing is to be done: Offload keeps asking',
)
export const UNREACHABLE = cause(
  'unreachable',
  "photos.studio-han.example:443 can't be reached: Connection refused (os error 111)",
  'check the network connection',
)
export const TOKEN_REFUSED = cause(
  'signed_out',
  'the backend does not accept the token (401: Invalid token.)',
  'sign in again',
)

export function causesOf(state: State): readonly Cause[] {
  switch (state) {
    case 'waiting':
      return WAITING
    case 'failed':
      return FAILED
    case 'skipped':
      return SKIPPED
    case 'missing':
      return [VANISHED]
    default:
      return []
  }
}

export const asError = (from: Cause): ControlError => ({
  code: from.code,
  message: from.reason,
  hint: from.hint,
})
