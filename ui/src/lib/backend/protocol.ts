// Written by `cargo xtask types` from crates/protocol; do not edit.

/**
 * What a finding is about, in the order of a checkup.
 */
export type About = "machine" | "backend" | "sign_in" | "signature" | "probe";

export type Appearance = "system" | "light" | "dark";

/**
 * One try at sending or confirming a file.
 */
export type Attempt = { at_ms: number, duration_ms: number, 
/**
 * `upload` or `confirm`.
 */
step: string, 
/**
 * `ok`, or the cause's code.
 */
outcome: string, detail: string | null, };

/**
 * What a backend speaks.
 */
export type BackendProtocol = "offload" | "companion";

/**
 * A sign-in that waits until the person has approved it in a browser.
 */
export type BrowserCode = { 
/**
 * To be compared with what the page shows, or typed there.
 */
user_code: string, 
/**
 * https, or http on loopback.
 */
page: string, 
/**
 * Host of the page, and its port where it is not the usual one.
 */
host: string, 
/**
 * The page knows the code; else it has to be typed.
 */
code_in_page: boolean, 
/**
 * Seconds from now.
 */
expires_in_s: number, };

/**
 * What happens when a file that was sent changes on disk.
 */
export type ChangedPolicy = "new-version" | "keep-first";

/**
 * A whole look at this machine and its backend.
 */
export type Checkup = { backend: string | null, 
/**
 * In the order in which things were looked at.
 */
findings: Array<Finding>, };

/**
 * The backend took the token.
 */
export type Connected = { backend: string, account: string | null, };

/**
 * What the person enters to connect. Goes one way only, into the shell; `{:?}` withholds the token.
 */
export type Connection = { backend: string, 
/**
 * Empty for a Companion that asks for none.
 */
token: string, auth_scheme: string | null, protocol: BackendProtocol, };

/**
 * Why a request was not carried out.
 */
export type ControlError = { code: string, message: string, hint: string | null, };

/**
 * A part of each day with a limit of its own, in the machine's local time.
 */
export type DailyLimit = { 
/**
 * Minutes after midnight, 0 to 1439.
 */
from_minute: number, 
/**
 * Minutes after midnight; before `from_minute` it is the next day's, the same is the whole day.
 */
to_minute: number, 
/**
 * Bytes a second; `None`: nothing is sent.
 */
bandwidth: number | null, };

/**
 * What a window hears, at most ten times a second. A gap in `seq` means: fetch again.
 */
export type Event = { "event": "files", 
/**
 * The number before the first change told here.
 */
after: number, 
/**
 * The number of the last change told here.
 */
seq: number, 
/**
 * Rows that changed, each once, at most 200.
 */
ids: number[], totals: Totals, } | { "event": "progress", files: Array<Progress>, speed: number, round: Round | null, } | { "event": "standing" } | { "event": "notice", source_id: number | null, notice: Notice, };

/**
 * One version of one file.
 */
export type FileRow = { id: number, file_id: string, source_id: number, 
/**
 * Path inside the source, `/` between folders; bytes that are not UTF-8 stand as `\xNN`.
 */
path: string, size: number, 
/**
 * Milliseconds since 1970; negative before.
 */
modified_ms: number, state: State, 
/**
 * Cause, where the state has one: see `Cause` in the engine for the list of codes.
 */
code: string | null, 
/**
 * The cause in plain words.
 */
reason: string | null, 
/**
 * What to do now.
 */
hint: string | null, sha256: string | null, key: string | null, etag: string | null, attempts: number, 
/**
 * Milliseconds since 1970.
 */
retry_at_ms: number | null, uploaded_at_ms: number | null, confirmed_at_ms: number | null, changed_at_ms: number, 
/**
 * `false` for a version that a later one replaced.
 */
current: boolean, 
/**
 * `file_id` of the version this one replaces.
 */
supersedes: string | null, 
/**
 * Bytes handed to the network in the attempt under way.
 */
sent: number | null, };

/**
 * Which files a page shows; members that are `None` do not filter.
 */
export type Filter = { source_id: number | null, states: Array<State>, 
/**
 * Part of the path, any case.
 */
search: string | null, 
/**
 * Also versions that later ones replaced.
 */
old_versions: boolean, };

/**
 * One thing that was looked at, and how it stands. Names no secret.
 */
export type Finding = { 
/**
 * Stable word for what was looked at or what is wrong, as in `policy_field_uncovered`.
 */
code: string, about: About, verdict: Verdict, 
/**
 * What was seen, in plain words, starting in lower case, without a full stop at the end.
 */
detail: string, 
/**
 * What to do now; empty for what is good.
 */
mends: Array<Mend>, };

/**
 * All that the window's first picture is made of, in one answer. Without an engine there is only the opening.
 */
export type FirstPicture = { opening: Opening, status: Status | null, 
/**
 * The answer to `PageQuery::first`.
 */
page: Page | null, };

/**
 * Folders and files a person gave: dropped, chosen, or named when Offload was started. The paths themselves stay in the shell.
 */
export type Given = { id: number, 
/**
 * What a batch of it would be called.
 */
name: string, folders: number, files: number, 
/**
 * The first few, as text for people.
 */
paths: Array<string>, 
/**
 * It is one folder, and not watched yet.
 */
can_watch: boolean, };

/**
 * How the whole engine stands, worst first. The tray shows this word.
 */
export type Health = "signed_out" | "offline" | "paused" | "needs_attention" | "stopped" | "working" | "up_to_date";

/**
 * The language a person asks for.
 */
export type Language = "system" | "en" | "ko";

/**
 * What lies in something given.
 */
export type Measured = { files: number, bytes: number, 
/**
 * `false`: there is more; counting stopped after two seconds.
 */
complete: boolean, };

/**
 * How to mend a problem, for those who build on a stack.
 */
export type Mend = { with: Stack, text: string, };

/**
 * Something a person should know of a source or of the whole: `text` is complete English; `code` and `args` say the same for other
 * languages.
 */
export type Notice = { code: string, text: string, args: Record<string, string>, };

/**
 * What the window needs to know before it shows anything.
 */
export type Opening = { stage: Stage, version: string, backend: string | null, 
/**
 * First word of the Authorization header.
 */
auth_scheme: string, protocol: BackendProtocol, 
/**
 * The token is set in the environment: signing in and out is not the window's to do.
 */
token_from_environment: boolean, data_dir: string, settings: WindowSettings, 
/**
 * The language that `settings.language` comes to on this machine.
 */
speaks: Tongue, };

/**
 * Order of a page; each is a column with an index.
 */
export type Order = "seen" | "path" | "size" | "changed";

/**
 * Answer to a `PageQuery`.
 */
export type Page = { files: Array<FileRow>, 
/**
 * How many files the filter lets through, where that was asked.
 */
total: number | null, 
/**
 * Outbox number this page is true for.
 */
seq: number, };

/**
 * A page of files.
 */
export type PageQuery = { filter: Filter, order: Order, descending: boolean, offset: number, 
/**
 * 1 to 1000; 0 means 200.
 */
limit: number, 
/**
 * Also count all files the filter lets through.
 */
count: boolean, };

/**
 * A place in the window.
 */
export type Place = "files" | "attention" | "settings" | "add_folder";

/**
 * Progress of one file.
 */
export type Progress = { id: number, sent: number, size: number, };

/**
 * Which files to try again, or to dismiss.
 */
export type RetryWhat = "all" | { "source": number } | { "files": number[] };

/**
 * How far the work has come since there was last nothing to do. Progress bars and "time left" show this.
 */
export type Round = { 
/**
 * Confirmed, or come to another end, in this round.
 */
files_done: number, files_all: number, 
/**
 * Of files that are done, and what is sent of those on their way.
 */
bytes_done: number, bytes_all: number, 
/**
 * At the speed of the last seconds; `None` while that says nothing.
 */
seconds_left: number | null, };

/**
 * Whom a pause or resume is for.
 */
export type Scope = "all" | { "source": number };

/**
 * How a person may sign in at a backend.
 */
export type SignInWays = { 
/**
 * By approving it in a browser; else by a token that they paste.
 */
browser: boolean, };

/**
 * What a source is from now on. Its folders stay as they are; files that are in S3 already stay where they are.
 */
export type SourceEdit = { id: number, name: string, prefix: string, include: Array<string>, exclude: Array<string>, changed: ChangedPolicy, };

/**
 * Watched for ever, or given once.
 */
export type SourceKind = "watched" | "batch";

/**
 * How a source stands, beside the states of its files.
 */
export type SourceState = "active" | "paused" | "away" | "cancelled";

/**
 * A folder under watch, or a batch.
 */
export type SourceView = { id: number, kind: SourceKind, name: string, 
/**
 * Absolute paths, escaped where they are not UTF-8. A watched source has one.
 */
roots: Array<string>, 
/**
 * Put before each path, without slashes at its ends; empty for none.
 */
prefix: string, include: Array<string>, exclude: Array<string>, changed: ChangedPolicy, state: SourceState, 
/**
 * A scan of it is under way.
 */
scanning: boolean, 
/**
 * What the person should know: watch limit reached, folder not readable, links that are not followed.
 */
notices: Array<Notice>, scanned_at_ms: number | null, totals: Totals, };

/**
 * Whom a mend is for.
 */
export type Stack = "anyone" | "django" | "js" | "companion";

/**
 * Where the window begins, and what it may have to say first.
 */
export type Stage = { "stage": "welcome" } | { "stage": "starting" } | { "stage": "elsewhere" } | { "stage": "broken", "with": ControlError } | { "stage": "ready" };

/**
 * Where one version of one file stands. The ledger keeps these words.
 */
export type State = "settling" | "queued" | "uploading" | "uploaded" | "confirmed" | "waiting" | "failed" | "skipped" | "missing";

/**
 * Answer of `offload status`.
 */
export type Status = { health: Health, 
/**
 * What holds the whole up, in plain words.
 */
detail: string | null, 
/**
 * The code of the cause behind `detail`.
 */
code: string | null, 
/**
 * Seconds until the next try, where there is one to wait for.
 */
retry_in_s: number | null, 
/**
 * An engine runs on this ledger now; `false`: these are the ledger's last words.
 */
running: boolean, backend: string | null, account: string | null, 
/**
 * What this backend cannot promise, where it speaks another protocol than v1.
 */
caveats: Array<Notice>, totals: Totals, sources: Array<SourceView>, 
/**
 * Uploads at once that the engine allows itself now.
 */
concurrency: number, 
/**
 * Bytes a second; `None`: no limit.
 */
bandwidth_limit: number | null, 
/**
 * Bytes a second over the last seconds.
 */
speed: number, 
/**
 * The work since there was last nothing to do; `None` where there is nothing.
 */
round: Round | null, 
/**
 * Milliseconds since 1970; `None`: not paused, or until the person resumes.
 */
paused_until_ms: number | null, 
/**
 * Last number of the outbox.
 */
seq: number, };

/**
 * Everything the ledger knows of one path: its versions, newest first, and their attempts, oldest first.
 */
export type Story = { 
/**
 * Absolute path on this machine, escaped where it is not UTF-8.
 */
local_path: string, versions: Array<Version>, };

/**
 * What the person decided about something given.
 */
export type Taking = { given: number, 
/**
 * Keep watching; else upload once.
 */
watch: boolean, prefix: string, include: Array<string>, exclude: Array<string>, changed: ChangedPolicy, };

/**
 * Count and bytes of the files in one state.
 */
export type Tally = { files: number, bytes: number, };

/**
 * A language Offload speaks.
 */
export type Tongue = "en" | "ko";

/**
 * Files by state: the latest version of each path, and every older version that is not confirmed yet.
 */
export type Totals = { settling: Tally, queued: Tally, uploading: Tally, uploaded: Tally, confirmed: Tally, waiting: Tally, failed: Tally, skipped: Tally, missing: Tally, };

export type Verdict = "good" | "note" | "problem" | "unknown";

/**
 * One version in a story.
 */
export type Version = { file: FileRow, attempts: Array<Attempt>, };

/**
 * What the window hears without asking.
 */
export type WindowEvent = { "window": "engine", "with": Event } | { "window": "fetch_again" } | { "window": "stage", "with": Stage } | { "window": "hover", "with": number | null } | { "window": "given", "with": Given } | { "window": "added", "with": { source_id: number, name: string, watched: boolean, } } | { "window": "go", "with": Place } | { "window": "settings", "with": WindowSettings } | { "window": "ask_quit", "with": { pending: number, } } | { "window": "trouble", "with": ControlError };

/**
 * Everything the settings page shows and changes, beside the account.
 */
export type WindowSettings = { 
/**
 * Bytes a second; `None`: no limit.
 */
bandwidth: number | null, daily: DailyLimit | null, 
/**
 * Uploads at once, at most: 1 to 64.
 */
concurrency: number, 
/**
 * Tell the backend where a photograph was taken.
 */
gps: boolean, start_at_login: boolean, notify_done: boolean, notify_attention: boolean, 
/**
 * The machine does not fall asleep while files are on their way.
 */
keep_awake: boolean, appearance: Appearance, language: Language, };

/** Every command of the window: its arguments and its reply. */
export interface Commands {
  /** The first question of a window. */
  first_picture: { args: Record<string, never>; reply: FirstPicture };
  opening: { args: Record<string, never>; reply: Opening };
  /** Checks address and token against the backend, keeps them, and starts the engine. */
  connect: { args: { connection: Connection }; reply: Connected };
  /** How one may sign in at a backend, asked without a token. */
  sign_in_ways: { args: { backend: string; protocol: BackendProtocol }; reply: SignInWays };
  /** Asks for a code to be approved in a browser. One at a time: a sign-in that waited already is given up. */
  begin_browser_sign_in: { args: { connection: Connection }; reply: BrowserCode };
  /** Opens the page of the sign-in that waits in the system's browser. */
  open_sign_in_page: { args: Record<string, never>; reply: null };
  /** Waits until the sign-in is approved, then does as `connect`. */
  finish_browser_sign_in: { args: Record<string, never>; reply: Connected };
  /** Gives up the sign-in that waits, if there is one. */
  cancel_browser_sign_in: { args: Record<string, never>; reply: null };
  /** Forgets the token. */
  sign_out: { args: Record<string, never>; reply: null };
  status: { args: Record<string, never>; reply: Status };
  page: { args: { query: PageQuery }; reply: Page };
  /** Rows by their numbers; those that are gone are left out. */
  rows: { args: { ids: Array<number> }; reply: Array<FileRow> };
  /** The story of a row's path. */
  story: { args: { id: number }; reply: Story | null };
  /** Lets the person choose folders, or files, in the system's dialog; `None`: they did not. */
  choose: { args: { folders: boolean }; reply: Given | null };
  /** Counts what lies in something given. */
  measure: { args: { given: number }; reply: Measured };
  /** Adds what was given as a source. */
  take: { args: { taking: Taking }; reply: SourceView };
  /** The person decided against it. */
  leave: { args: { given: number }; reply: null };
  edit_source: { args: { edit: SourceEdit }; reply: SourceView };
  remove_source: { args: { id: number }; reply: null };
  cancel_batch: { args: { id: number }; reply: null };
  /** `until_ms` only for everything; `None`: until resumed. */
  pause: { args: { scope: Scope; until_ms: number | null }; reply: null };
  resume: { args: { scope: Scope }; reply: null };
  retry: { args: { what: RetryWhat }; reply: number };
  dismiss: { args: { what: RetryWhat }; reply: number };
  rescan: { args: Record<string, never>; reply: null };
  settings: { args: Record<string, never>; reply: WindowSettings };
  /** What was kept, which is what counts now. */
  change_settings: { args: { settings: WindowSettings }; reply: WindowSettings };
  /** Shows a row's file in the system's file manager. */
  reveal: { args: { id: number }; reply: null };
  open_logs: { args: Record<string, never>; reply: null };
  /** Puts a description of this installation, without secrets, on the clipboard, and gives it back. */
  copy_diagnostics: { args: Record<string, never>; reply: string };
  /** Looks at this machine and its backend. `probe`: a small file is really sent, and what arrived stays in the bucket. */
  doctor: { args: { probe: boolean }; reply: Checkup };
  /** Ends Offload; what is on its way goes back to the queue. */
  quit: { args: Record<string, never>; reply: null };
  /** The list was painted for the first time. */
  painted: { args: Record<string, never>; reply: null };
}

/** What the list shows before anybody asked for something else. */
export const FIRST_PAGE: PageQuery = {"filter":{"source_id":null,"states":[],"search":null,"old_versions":false},"order":"seen","descending":true,"offset":0,"limit":100,"count":true};
