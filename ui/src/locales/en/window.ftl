# The window. Names, paths and sizes come in as text; counts as numbers.

## Everywhere
close = Close
cancel = Cancel
save = Save
undo = Undo
copied = Copied
copy = Copy { $what }
retry = Retry
dismiss = Dismiss
details = Details
reveal = Show in folder
look-again = Look again
choose-folder = Choose a folder…
choose-files = Choose files…
trouble = Something went wrong in the window.
messages = Messages
close-message = Close message
take-out = Take out { $value }
files-count = { $count ->
    [one] 1 file
   *[other] { $count } files
}
files-at-least = { $count ->
    [one] At least 1 file
   *[other] At least { $count } files
}

## Numbers
speed = { $bytes }/s
took-ms = { $value } ms
took-s = { $value } s
span-seconds = { $value } s
span-minutes = { $value } min
span-hours = { $rest ->
    [0] { $value } h
   *[other] { $value } h { $rest } min
}
span-days = { $value ->
    [one] 1 day
   *[other] { $value } days
}

## First run
welcome = Welcome
welcome-title = Connect your backend
welcome-text = Your photographs go straight to your own storage. Offload only needs to know who signs for them.
steps = First steps
step-connect = Connect
step-folder = First folder
connect-form = Connect to a backend
address = Backend address
address-help = As whoever runs it told you, for example photos.example/api
address-empty = Enter the address of your backend.
address-not_an_address = This is not an address. It looks like photos.example/api.
address-scheme = The address has to begin with https:// or http://.
token = Token
token-help = It is kept in your system’s keyring.
token-help-companion = Only if your backend asks for one. It is kept in your system’s keyring.
token-empty = Enter the token your backend gave you.
token-show = Show token
token-hide = Hide token
token-from-environment = The token is set by OFFLOAD_TOKEN in the environment, so there is nothing to enter here.
token-from-environment-short = Token set by OFFLOAD_TOKEN
advanced = Advanced
scheme = Authorization header
scheme-help = Bearer unless your backend says otherwise.
protocol = What your backend speaks
protocol-offload = Offload
protocol-companion = Uppy Companion or Shrine
protocol-help = Offload unless whoever runs it told you otherwise.
protocol-companion-help = Such a backend confirms nothing: safe then means that your storage took the file.
sign-in-browser = Sign in with your browser
sign-in-browser-text = A page opens in your browser. Offload never sees your password.
use-token = Use a token instead
browser-opening = Preparing…
browser-title = Approve it in your browser
browser-compare = See that the page shows this code:
browser-type = Type this code on the page:
browser-code = Code
browser-host = The page is at { $host }.
browser-waiting = Waiting for you
browser-left = { $time } left
browser-again = Open the page again
browser-copy = Copy code
browser-page = Page
connect = Connect
connecting = Checking…
folder-title = Add your first folder
folder-text = Connected. Everything in the folder is uploaded, and your originals are never touched.
folder-text-as = Connected as { $account }. Everything in the folder is uploaded, and your originals are never touched.
drop-first = Drop your first folder
drop-or = anywhere on this window, or
skip = Skip for now

## The whole window
starting = Opening Offload
starting-text = The ledger of your files is being opened.
elsewhere = Offload already runs in another place
elsewhere-text = A service or a terminal has this ledger open. This window goes on as soon as that one ends.
broken = Offload can’t start
open-logs = Open logs
copy-diagnostics = Copy diagnostics
diagnostics-title = Copy diagnostics?
diagnostics-text =
    A description of this installation goes to the clipboard: version, system, settings, how many files stand in which state, and the last errors.
    It holds the paths of your folders and your backend’s address, but no token and no photograph.
diagnostics-copy = Copy
diagnostics-copied = Diagnostics are on the clipboard

## The side
side = Places and sources
place-files = Files
place-attention = Needs attention
place-settings = Settings
place-checkup = Check the connection
all-files = All files
attention = Needs attention
watched = Watched folders
batches = Uploads
earlier = Earlier uploads
no-watched = None yet
add-folder = Add folder
settings = Settings
nobody = Not signed in
account-of = Account: { $account }, { $backend }
source-menu = Actions for { $name }
source-working = { $left } left · { $percent }
source-attention = { $count ->
    [one] 1 needs attention
   *[other] { $count } need attention
}
source-safe = { $count ->
    [one] 1 file, safe
   *[other] { $count } files, all safe
}
source-stored = { $count ->
    [one] 1 file, uploaded
   *[other] { $count } files, all uploaded
}
source-scanning = Looking through…
source-paused = Paused
source-away = Not there
source-cancelled = Cancelled
source-empty = No files
source-pause = Pause
source-resume = Resume
source-retry = Retry what failed
source-edit = Edit…
source-remove = Remove
source-remove-title = Remove { $name }?
source-remove-text = Offload forgets it and stops uploading from it. Nothing is deleted: your files stay on this computer, and what was uploaded stays in your storage.
batch-cancel = Cancel upload
batch-cancel-title = Cancel { $name }?
batch-cancel-text = { $count ->
    [one] 1 file that is not safe yet will not be uploaded. What was uploaded stays in your storage.
   *[other] { $count } files that are not safe yet will not be uploaded. What was uploaded stays in your storage.
}
source-name = Name
source-nameless = Give it a name.
source-edit-title = Edit { $name }
saved-source = { $name } is changed

## How the whole stands
standing = Overall state
health-opening = Opening…
health-working = Working
health-up_to_date = Everything is safe
health-stored = Everything is in your storage
health-empty = Ready for your first folder
health-looking = Looking through your folders
health-uploading = Uploading { $done } of { $all }
health-confirming = Waiting for the backend to confirm
health-paused = Paused
health-daily_limit = Paused by the daily schedule
health-offline = Offline
health-signed_out = Signed out
health-stopped = Offload is not running
health-needs_attention = { $count ->
    [0] Something needs your attention
    [one] 1 file needs your attention
   *[other] { $count } files need your attention
}
safe-files = { $count ->
    [one] 1 file uploaded and confirmed
   *[other] { $count } files uploaded and confirmed
}
stored-files = { $count ->
    [one] 1 file uploaded; this backend can’t confirm it
   *[other] { $count } files uploaded; this backend can’t confirm them
}
time-left = { $time } left
still-uploading = { $count ->
    [one] 1 file still on its way
   *[other] { $count } files still on their way
}
left-over = { $count ->
    [one] 1 file to go
   *[other] { $count } files to go
}
paused-until = Until { $time }
next-try = Next try in { $time }
trying-now = Trying now
pause = Pause
pause-hour = For 1 hour
pause-tomorrow = Until tomorrow
pause-until-resume = Until I resume
resume = Resume
add = Add
progress-of-all = Overall progress
progress-of-file = Progress
progress-text = { $done } of { $all } files

## The list
files = Files
column-name = Name
column-state = State
column-size = Size
column-changed = Changed
state-settling = Getting ready
state-queued = In line
state-uploading = Uploading
state-uploaded = Confirming
state-confirmed = Safe
state-stored = Uploaded
state-waiting = Will retry
state-failed = Failed
state-skipped = Skipped
state-missing = Missing
retry-at = at { $time }
preparing = Preparing
search = Search files
search-placeholder = Search by name or folder
search-clear = Clear search
filter = Filter by state
filter-all = All
filter-hint = { $state } (hold Ctrl to choose several)
filter-clear = Clear filters
order = Order
order-now = Order: { $order }
order-newest = Newest first
order-oldest = Oldest first
order-name = Name, A to Z
order-name-down = Name, Z to A
order-largest = Largest first
order-smallest = Smallest first
order-changed = Last changed first
order-changed-up = Last changed last
found = { $count ->
    [one] 1 file found
   *[other] { $count } files found
}
file-menu = Actions for files
selected = { $count } selected
selected-most = The first { $count } files are selected
select-none = Select none
retry-several = Retry { $count } files
dismiss-missing = Dismiss what is missing
retried = { $count ->
    [0] Nothing here can be retried
    [one] 1 file is tried again
   *[other] { $count } files are tried again
}
dismissed = { $count ->
    [0] Nothing here is missing
    [one] 1 missing file dismissed
   *[other] { $count } missing files dismissed
}
none-match = No file matches
none-match-text = Try another word, or look at all states.
no-sources = Nothing here yet
no-sources-text = Drop a folder anywhere on this window, and see it arrive safely.
scanning = Looking through your folders
scanning-text = Files appear here as they are found.
no-files = No files here
no-files-text = New files appear by themselves as soon as they are saved in the folder.

## One file
close-details = Close details
story-state = State
story-gone = Offload no longer knows this file.
state-settling-text = Offload waits until the file is completely written.
state-queued-text = It is uploaded as soon as it is its turn.
state-uploading-text = It is on its way to your storage.
state-uploaded-text = It is in your storage; the backend has yet to confirm it.
state-confirmed-text = In your storage with a matching checksum, and confirmed by the backend.
state-stored-text = In your storage with a matching checksum. This backend can’t confirm it.
state-waiting-text = Tried again by itself at { $time }.
state-failed-text = It could not be uploaded.
state-skipped-text = It is not uploaded.
state-missing-text = It was gone before it could be uploaded.
sent-of = { $sent } of { $size }
fact-where = Where
fact-size = Size
fact-modified = Modified
fact-confirmed = Confirmed
fact-stored = Uploaded
fact-key = Key
fact-etag = ETag
fact-sha256 = SHA-256
fact-file-id = File ID
fact-code = Cause
versions = Versions
version-latest = Latest
attempts = What happened
no-attempts = Nothing yet.
step-upload = Upload
step-confirm = Confirmation
outcome-ok = Went well
technical = Technical details

## What needs a person
attention-text = What Offload can’t solve alone, and what you can do.
retry-everything = Retry all
retry-these = Retry these
dismiss-these = Dismiss these
retry-file = Retry { $name }
dismiss-file = Dismiss { $name }
show-more = Show { $count } more
show-in-list = Show all in the list
nothing-needs-you = Nothing needs you
nothing-needs-you-text = When a file can’t be uploaded, it stands here with its reason and what to do.
away-title = { $name } is not there
away-text = The folder can’t be found. Nothing is deleted; Offload goes on by itself when it is back.
away-todo = Plug the card or drive in again, or put the folder back where it was.

## Dropping
drop-here = Drop to upload
drop-count = { $count ->
    [one] 1 item
   *[other] { $count } items
}
given-folder = Add { $name }
given-several = { $folders ->
    [0] { $files ->
        [one] Add 1 file
       *[other] Add { $files } files
    }
    [one] { $files ->
        [0] Add 1 folder
        [one] Add 1 folder and 1 file
       *[other] Add 1 folder and { $files } files
    }
   *[other] { $files ->
        [0] Add { $folders } folders
        [one] Add { $folders } folders and 1 file
       *[other] Add { $folders } folders and { $files } files
    }
}
given-how = What should happen with it
and-more = and { $count } more
measuring = Counting…
measured = { $files ->
    [one] 1 file · { $size }
   *[other] { $files } files · { $size }
}
measured-more = More than { $files } files · over { $size }
upload-now = Upload now
upload-now-text = Once, as it is now.
keep-watching = Keep watching
keep-watching-text = Now, and whatever comes into the folder later.
prefix = Destination folder
prefix-placeholder = None
prefix-help = Put before each path in your storage, for example weddings/2026
prefix-edit-help = Counts for files from now on; what is uploaded stays where it is.
more-options = More options
include = Only these files
include-help = Patterns; empty means all.
exclude = Leave out
exclude-help = Hidden and system files are left out anyway.
changed = When an uploaded file changes
changed-new-version = Upload it as a new version
changed-keep-first = Keep the first version
added-watched = { $name } is watched from now on
added-batch = { $name } is being uploaded

## Settings
saved = Saved
account = Account
sign-in = Sign in
sign-in-again = Sign in again
sign-in-text = Address and token are checked before anything is changed.
signed-in = Signed in
sign-out = Sign out
sign-out-title = Sign out?
sign-out-text = Offload forgets the token. Nothing is uploaded until you sign in again; your files and the list stay as they are.
transfer = Transfer
set-bandwidth = Limit the speed
set-bandwidth-text = Leaves room for others on the same connection.
rate-unit = Unit
rate-kb = KB/s
rate-mb = MB/s
rate-wrong = Enter 10 KB/s or more.
set-daily = Daily schedule
set-daily-text = Another limit at certain hours of the day.
daily-from = From
daily-to = to
daily-from-label = From
daily-to-label = To
daily-what = In these hours
daily-nothing = Don’t upload
daily-limit = Limit the speed
daily-limit-label = Speed in these hours
daily-over-night = Ends the next day.
daily-whole-day = The whole day.
time-wrong = Like 09:30
set-concurrency = Uploads at once, at most
set-concurrency-text = Offload adapts by itself; now it sends up to { $count } at once.
fewer = Fewer
more = More
set-keep-awake = Keep this computer awake
set-keep-awake-text = As long as files are on their way.
privacy = Privacy
set-gps = Tell the backend where photographs were taken
set-gps-text = The files themselves are never changed: a position inside a photograph stays in it.
desktop = Desktop
set-start-at-login = Start at login
set-start-at-login-text = Offload waits in the tray.
set-notify-done = Tell me when an upload is done
set-notify-done-text = One notification for each upload.
set-notify-attention = Tell me when something needs attention
set-notify-attention-text = Gathered, never one for each file.
set-appearance = Appearance
appearance-system = System
appearance-light = Light
appearance-dark = Dark
set-language = Language
language-system = System
language-en = English
language-ko = 한국어
help = Help
help-trouble = If something is wrong
help-trouble-text = The logs and diagnostics hold no token.
checkup = Check the connection
checkup-short = See whether this computer and your backend do all that uploads need.
checkup-open = Check…
version = Offload { $version }
data-dir = Ledger and settings: { $path }

## Checking the connection
checkup-back = Back to settings
checkup-text = Looks at this computer and, from the outside, at your backend. It finds what keeps files from arriving, and says how to mend it.
checkup-probe = Also send a small test file
checkup-probe-text = The test goes all the way to your storage. It leaves one or two objects of 1 KB there; the result names them, and you can delete them.
checkup-start = Check now
checkup-again = Check again
checkup-running = Checking
checkup-running-text = This takes some seconds. You can leave this page meanwhile.
checkup-failed = It could not be checked
checkup-good = No problem was found
checkup-good-text = { $count ->
    [one] 1 thing was looked at, and it is in order.
   *[other] { $count } things were looked at.
}
checkup-no-probe = No test file was sent.
checkup-problems = { $count ->
    [one] 1 problem was found
   *[other] { $count } problems were found
}
checkup-problems-text = What to do stands below each. Most of it is for whoever runs your backend: copy the result and send it.
checkup-at = Checked { $time } · { $backend }
checkup-at-machine = Checked { $time }
checkup-copy = Copy the result
checkup-copied = The result is on the clipboard
checkup-in-order = { $count } in order
checkup-mends = For the backend’s developer
about-machine = This computer
about-backend = Your backend
about-sign_in = Who may ask
about-signature = What it signs
about-probe = The test file
verdict-good = In order
verdict-note = Good to know
verdict-problem = Problem
verdict-unknown = Not looked at
stack-django = For Django and boto3
stack-js = For JavaScript
stack-companion = For Uppy Companion

## Quitting
quit-title = { $count ->
    [one] 1 file is not confirmed yet. Quit anyway?
   *[other] { $count } files are not confirmed yet. Quit anyway?
}
quit-text = Nothing is lost: they go on at the next start.
quit = Quit
keep-running = Keep running
