# What the shell says: tray, its menu, notifications, the system's dialogs.
# Names of files and folders come in as $name, cleaned of what would not be text.

## The tray's word for the whole: its label, and the beginning of the menu's first line

tray-up-to-date = Up to date
tray-uploading = Uploading
tray-uploading-percent = Uploading { $percent }%
tray-checking = Looking through the folders
tray-paused = Paused
tray-offline = Offline
tray-needs-attention = Needs attention
tray-signed-out = Signed out
tray-starting = Starting
tray-elsewhere = Offload runs in another place
tray-broken = Offload can’t start
tray-welcome = Not connected yet

## What follows in the menu's first line

status-safe = { $files ->
    [one] 1 file safe
   *[other] { $files } files safe
}
status-stored = { $files ->
    [one] 1 file uploaded
   *[other] { $files } files uploaded
}
status-round = { $done } of { $files ->
    [one] 1 file
   *[other] { $files } files
}
status-to-go = { $files ->
    [one] 1 file to go
   *[other] { $files } files to go
}
status-waiting = { $files ->
    [one] 1 file waits
   *[other] { $files } files wait
}
status-need-you = { $files ->
    [one] 1 file needs you
   *[other] { $files } files need you
}
status-away = { $folders ->
    [one] 1 folder is away
   *[other] { $folders } folders are away
}
status-until = until { $time }
status-until-tomorrow = until tomorrow, { $time }
status-daily-limit = daily limit, until { $time }

## Time left, after the round

left-seconds = less than a minute left
left-minutes = { $minutes } min left
left-hours = { $hours } h { $minutes } min left
left-days = more than a day left

## The menu

menu-open = Open Offload
menu-pause = Pause
menu-pause-hour = For 1 hour
menu-pause-tomorrow = Until tomorrow
menu-pause-ever = Until I resume
menu-resume = Resume
menu-recent = Recent uploads
menu-recent-none = None yet
menu-add = Add folder…
menu-quit = Quit Offload

## Notifications

notify-done-title = { $name }
notify-done = { $files ->
    [one] 1 file is safe
   *[other] { $files } files are safe
}
notify-done-some = { $files ->
    [one] 1 file is safe
   *[other] { $files } files are safe
}, { $failed ->
    [one] 1 needs you
   *[other] { $failed } need you
}
notify-done-many-title = { $batches } uploads are complete
notify-attention-title = Offload needs you
notify-attention = { $files ->
    [one] 1 file could not be uploaded. Open Offload to see why and what to do.
   *[other] { $files } files could not be uploaded. Open Offload to see why and what to do.
}
notify-away-title = { $folders ->
    [one] { $name } is not there
   *[other] { $folders } folders are not there
}
notify-away = { $folders ->
    [one] Offload goes on as soon as the folder is back.
   *[other] Offload goes on as soon as the folders are back.
}
notify-trouble = Something keeps Offload from going on. Open it to see what to do.
notify-signed-out-title = Offload is signed out
notify-signed-out = Nothing is uploaded until you sign in again.
notify-closed-title = Offload goes on in the tray
notify-closed = Your folders are still watched. Quit from the tray icon’s menu.
notify-minimised-title = Offload goes on
notify-minimised = Your folders are still watched. This desktop shows no tray, so the window was only minimised; press Ctrl+Q in it to quit.
notify-failed-title = Offload could not do that

## The system's dialogs

dialog-folders = Choose folders
dialog-files = Choose files

## Why the machine stays awake, as the system shows it

awake-reason = Photographs are being uploaded
