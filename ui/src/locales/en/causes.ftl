# Why something did not go as it should: cause-CODE says what happened, cause-CODE-todo what to do now.
# The codes are the engine’s; causes.test.ts holds this list against it.

## The file itself
cause-unreadable = The file can’t be read.
cause-unreadable-todo = Check that you may open it and that its disk or card is all right, then retry.
cause-changed_while_sending = The file changed while it was being sent.
cause-changed_while_sending-todo = Nothing to do: it’s sent again once it has stopped changing.
cause-vanished = The file was gone before it could be sent.
cause-vanished-todo = If you still want it sent, put it back: Offload picks it up by itself. Otherwise dismiss it.
cause-too_large = The file is larger than your backend takes.
cause-too_large-todo = Send it another way, or ask whoever runs the backend to raise its limit.
cause-not_a_file = This isn’t a file that can be sent.
cause-not_a_file-todo = If it’s a link to a folder, add that folder itself. Otherwise there’s nothing to do.

## The way to a server
cause-unreachable = The server can’t be reached.
cause-unreachable-todo = Check your network connection. Offload keeps trying and goes on by itself.
cause-bad_certificate = The server’s certificate isn’t valid, so nothing is sent to it.
cause-bad_certificate-todo = Check this computer’s clock, and whether a proxy or virus scanner sits in between.
cause-dropped = The connection broke off.
cause-dropped-todo = Nothing to do: it’s tried again by itself.
cause-stalled = The upload stopped moving.
cause-stalled-todo = It’s tried again by itself. If it keeps happening, check your network connection.

## The backend
cause-signed_out = Your backend doesn’t accept the sign-in.
cause-signed_out-todo = Check the token and sign in again. Files that wait go on from there.
cause-backend_busy = The backend is busy.
cause-backend_busy-todo = Nothing to do: Offload slows down and tries again by itself.
cause-backend_error = The backend had an error.
cause-backend_error-todo = It’s tried again by itself. If it keeps happening, tell whoever runs the backend.
cause-backend_answer = The backend’s answer makes no sense to Offload.
cause-backend_answer-todo = Check the backend’s address. If it’s right, tell whoever runs the backend.
cause-backend_refused = The backend doesn’t want this file.
cause-backend_refused-todo = The file’s details say what it objects to. Put that right in the file or at the backend, then retry.
cause-backend_silent = The backend said nothing about this file.
cause-backend_silent-todo = It’s tried again by itself. If it keeps happening, tell whoever runs the backend.
cause-backend_pending = It’s in your storage; the backend is still processing it.
cause-backend_pending-todo = Nothing to do: Offload keeps asking until the backend has it.
cause-sign_in_refused = The sign-in was refused in the browser.
cause-sign_in_refused-todo = Start it again and approve it, if that was not meant.
cause-sign_in_expired = Nobody approved the sign-in in time.
cause-sign_in_expired-todo = Start it again, and approve it in your browser.
cause-sign_in_cancelled = The sign-in was given up.
cause-sign_in_cancelled-todo = Start it again.
cause-no_browser_sign_in = This backend offers no sign-in by a browser.
cause-no_browser_sign_in-todo = Use a token instead.
cause-no_browser = No browser could be opened.
cause-no_browser-todo = Open the page below yourself, on any device.
cause-upload_method = The backend wants the file sent in a way this version doesn’t know.
cause-upload_method-todo = Look for an update of Offload, or ask whoever runs the backend to offer a plain POST.
cause-key_changed = The backend gave this file a different place in S3 than before.
cause-key_changed-todo = Tell whoever runs the backend: the same file has to get the same place every time. Then retry.
cause-bad_form = The backend’s upload form can’t be used.
cause-bad_form-todo = Tell whoever runs the backend; the file’s details say what’s wrong. Then retry.
cause-not_in_bucket = The backend can’t find the file in its bucket.
cause-not_in_bucket-todo = It’s sent again by itself. If it keeps happening, the backend looks in the wrong place: tell whoever runs it.

## S3
cause-s3_internal = S3 had an internal error.
cause-s3_internal-todo = Nothing to do: it’s tried again by itself.
cause-s3_slow_down = S3 asks to go slower.
cause-s3_slow_down-todo = Nothing to do: Offload slows down and tries again by itself.
cause-s3_timeout = S3 waited too long for the file.
cause-s3_timeout-todo = It’s tried again by itself. If it keeps happening, try fewer uploads at once.
cause-policy_expired = The permission to upload this file has run out.
cause-policy_expired-todo = A new one is asked for by itself. If it keeps happening, the backend’s clock may be wrong.
cause-credentials_expired = The backend’s temporary access to S3 has run out.
cause-credentials_expired-todo = A new permission is asked for by itself. If it keeps happening, tell whoever runs the backend.
cause-clock_skewed = The backend’s clock and S3’s don’t agree.
cause-clock_skewed-todo = Tell whoever runs the backend to set its clock. Then retry.
cause-policy_too_large = The file is larger than the upload permission allows.
cause-policy_too_large-todo = Ask whoever runs the backend to allow larger files, then retry.
cause-policy_too_small = The file is smaller than the upload permission allows.
cause-policy_too_small-todo = Look whether the file is whole. If it is, ask whoever runs the backend to allow smaller files, then retry.
cause-policy_condition = The file doesn’t meet a condition of the upload permission.
cause-policy_condition-todo = Tell whoever runs the backend; the file’s details name the condition. Then retry.
cause-policy_extra_field = The backend’s upload form has a field its own permission doesn’t allow.
cause-policy_extra_field-todo = Tell whoever runs the backend; the file’s details name the field. Then retry.
cause-policy_invalid = S3 can’t read the upload permission.
cause-policy_invalid-todo = Tell whoever runs the backend, then retry.
cause-signature_mismatch = S3 doesn’t accept the backend’s signature.
cause-signature_mismatch-todo = Tell whoever runs the backend to check its S3 keys and region. Then retry.
cause-access_key_unknown = S3 doesn’t know the backend’s access key.
cause-access_key_unknown-todo = Tell whoever runs the backend to check its S3 access key. Then retry.
cause-signature_version = S3 doesn’t accept this kind of signature.
cause-signature_version-todo = Tell whoever runs the backend to sign with Signature Version 4. Then retry.
cause-s3_denied = S3 denies access.
cause-s3_denied-todo = Tell whoever runs the backend: it needs the right to store files there. Then retry.
cause-no_such_bucket = The bucket doesn’t exist.
cause-no_such_bucket-todo = Tell whoever runs the backend to check the bucket’s name and region. Then retry.
cause-bad_digest = S3 received other bytes than were sent.
cause-bad_digest-todo = Retry. If it happens again, a proxy or virus scanner on the way may be changing the file.
cause-stored_other = What S3 holds isn’t what was sent.
cause-stored_other-todo = Retry. If it happens again, something between here and S3 is changing the file.
cause-redirected = S3 sent the upload on to another address.
cause-redirected-todo = It’s tried again by itself. If it keeps happening, tell whoever runs the backend.
cause-wrong_region = The backend’s permission is for another region of S3.
cause-wrong_region-todo = Tell whoever runs the backend to use the bucket’s own region. Then retry.
cause-s3_unknown = S3 gave an answer that makes no sense.
cause-s3_unknown-todo = It’s tried again by itself. A sign-in page of the network may stand in between: open a web page and look.
cause-s3_refused = S3 refuses the upload.
cause-s3_refused-todo = Tell whoever runs the backend; the file’s details say why. Then retry.

## You
cause-cancelled = You cancelled the upload before the file was sent.
cause-cancelled-todo = Add the folder again if you want it sent after all.
cause-dismissed = The file was gone before it could be sent, and you dismissed it.
cause-dismissed-todo = Nothing to do. If the file comes back, it’s sent.
cause-superseded = A newer version took its place before this one was safe.
cause-superseded-todo = Nothing to do: the newer version is sent.
cause-moved_elsewhere = The file was renamed or moved before it was sent.
cause-moved_elsewhere-todo = Nothing to do: it’s sent from where it is now.
cause-source_removed = You removed its folder from Offload before the file was sent.
cause-source_removed-todo = Add the folder again if you want it sent.
cause-excluded = The file is left out by your filters.
cause-excluded-todo = Change the filters of its folder if you want it sent.
cause-kept_first = The file changed after it was sent, and its folder keeps first versions.
cause-kept_first-todo = Edit the folder if you want changed files sent as new versions.

## Offload itself
cause-ledger = Offload can’t write its records.
cause-ledger-todo = Check that the disk isn’t full and that Offload’s data folder can be written.
cause-ledger_gone = Offload’s records were taken away or replaced while it runs.
cause-ledger_gone-todo = Put the file back, or restart Offload.
cause-ledger_owned = Offload is already running.
cause-ledger_owned-todo = Use the one that runs, or end it and try again.
cause-ledger_newer = Offload’s records were written by a newer version.
cause-ledger_newer-todo = Update Offload. The records were left as they are.
cause-ledger_damaged = Offload’s records are damaged.
cause-ledger_damaged-todo = Move the damaged file away and start again. Your photos, and what is in S3, are untouched.
cause-ledger_foreign = The file in Offload’s data folder belongs to another program.
cause-ledger_foreign-todo = Choose another data folder for Offload.
cause-ledger_absent = Offload has no records here yet.
cause-ledger_absent-todo = Add a folder to begin.
cause-data_folder = Offload’s data folder can’t be used.
cause-data_folder-todo = Check that the folder exists, is yours and can be written.
cause-disk_full = The disk is full.
cause-disk_full-todo = Free some space. Offload goes on by itself.
cause-config = There’s a mistake in the settings file.
cause-config-todo = Put the line it names right, or delete it.
cause-config_file = The settings file can’t be read or written.
cause-config_file-todo = Check that the file is yours and its folder can be written.
cause-moved = The file is already somewhere else in the queue.
cause-moved-todo = Look at it again: it has moved on meanwhile.
cause-stopped = Offload’s engine has stopped.
cause-stopped-todo = Restart Offload.
cause-busy = Too many programs are talking to Offload at once.
cause-busy-todo = Wait a moment and try again.
cause-bad_request = Offload didn’t understand the request.
cause-bad_request-todo = Make sure the app and the command line are of the same version.
cause-shell = Something went wrong in the app.
cause-shell-todo = Try again. If it keeps happening, restart Offload.
cause-daily_limit = Nothing is sent at this time of day.
cause-daily_limit-todo = It goes on when the time is over. Resume to send now, or change the schedule in Settings.

## What was asked for
cause-bad_glob = One of the filters can’t be understood.
cause-bad_glob-todo = Write filters like *.jpg or raw/**
cause-not_there = The folder or file isn’t there.
cause-not_there-todo = Check whether it was moved or its disk is unplugged.
cause-no_folder = Only folders can be watched.
cause-no_folder-todo = Upload single files once instead.
cause-relative_path = The path isn’t complete.
cause-relative_path-todo = Give the whole path, from the top folder on.
cause-prefix = This destination can’t be used.
cause-prefix-todo = Write it like clients/smith, without “.” or “..”.
cause-time_over = That time is over already.
cause-time_over-todo = Name a time that lies ahead.
cause-backend_page = A web page came where the backend should have answered.
cause-backend_page-todo = Check the address: a sign-in page or a proxy may stand in between.
cause-no_endpoint = There’s no Offload backend at this address.
cause-no_endpoint-todo = Check the address, also the part after the host’s name.
cause-bad_address = This can’t be a backend’s address.
cause-bad_address-todo = Write it like photos.example/api.
cause-token = The token is missing.
cause-token-todo = Make one in your studio’s backend and copy it whole.
cause-auth_scheme = This can’t be a header’s scheme.
cause-auth_scheme-todo = It’s one word, as in Bearer or Token.
cause-nothing = Nothing was chosen.
cause-nothing-todo = Choose a folder or files.
cause-own_folder = Offload’s own data lies in this folder.
cause-own_folder-todo = Choose a folder further down that holds only your photos.
cause-no_such_source = This folder isn’t in Offload any more.
cause-no_such_source-todo = Add it again if you want its files sent.
cause-refused = This can’t be done now.
cause-refused-todo = Try again in a moment.

## Notices of a folder
notice-away = { $kind ->
    [not_mounted] The folder is empty because its disk isn’t connected. Nothing is deleted; it goes on when the disk is back.
    [not_a_folder] There’s no folder at this place any more. Nothing is deleted; it goes on when the folder is back.
   *[missing] The folder isn’t there: unplugged, renamed or deleted. Nothing is deleted; it goes on when the folder is back.
}
notice-back = { $name } is back.
notice-bad_glob = One of the filters can’t be understood, so nothing of this folder is sent: { $why }
notice-keys_change = This backend may choose another name each time it is asked. If an upload’s answer is lost, a second copy can stay in your storage.
notice-ledger = Offload can’t write its records: { $why }
notice-ledger_gone = Offload’s records were taken away or replaced while it runs. Put the file back, or restart Offload.
notice-left_out = Left out: { $total } hidden, temporary, system or filtered files.
notice-link_loop = Links that lead round in a circle aren’t followed: { $count }. The first is { $path }
notice-not_watched = The folder isn’t watched: { $why }
notice-polling = { $kind ->
    [remote_share] The folder is on a network share: changes made by other computers are found every few minutes.
   *[unwatchable] The folder can’t be watched, so it’s looked through every minute instead.
}
notice-rescan = The whole folder is looked through again.
notice-unconfirmed = This backend confirms nothing. Green means that your storage took the file with a matching checksum, not that your studio knows of it.
notice-session = The backend’s answer about your account can’t be used. Files are sent all the same: { $why }
notice-unreadable = The folder { $path } can’t be read: { $why }
notice-watch_limit = { $kind ->
    [folders] The folder holds too many folders to watch, so it’s looked through every minute instead. Exclude some of them, or add parts of it one by one.
   *[watches] The system watches no more folders, so this one is looked through every minute instead. To raise the limit: { $fix }
}
