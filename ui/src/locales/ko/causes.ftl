# Why something did not go as it should; see the English file.

## 파일
cause-unreadable = 파일을 읽을 수 없어요.
cause-unreadable-todo = 파일을 열 권한이 있는지, 디스크나 메모리 카드에 문제가 없는지 확인한 뒤 다시 시도하세요.
cause-changed_while_sending = 업로드하는 동안 파일이 바뀌었어요.
cause-changed_while_sending-todo = 기다리면 돼요. 파일 저장이 끝나면 자동으로 다시 업로드해요.
cause-vanished = 업로드하기 전에 파일이 사라졌어요.
cause-vanished-todo = 업로드하려면 파일을 원래 자리에 되돌려 놓으세요. 자동으로 다시 찾아요. 필요 없으면 목록에서 지우세요.
cause-too_large = 파일이 백엔드가 받는 크기보다 커요.
cause-too_large-todo = 다른 방법으로 보내거나, 백엔드 관리자에게 제한을 늘려 달라고 요청하세요.
cause-not_a_file = 업로드할 수 있는 파일이 아니에요.
cause-not_a_file-todo = 폴더로 연결된 링크라면 그 폴더를 직접 추가하세요. 그 밖에는 할 일이 없어요.

## 연결
cause-unreachable = 서버에 연결할 수 없어요.
cause-unreachable-todo = 네트워크 연결을 확인하세요. 연결되면 자동으로 이어서 업로드해요.
cause-bad_certificate = 서버 인증서가 올바르지 않아 업로드를 멈췄어요.
cause-bad_certificate-todo = 컴퓨터 시계가 맞는지, 프록시나 백신 프로그램이 연결을 가로채지 않는지 확인하세요.
cause-dropped = 연결이 끊어졌어요.
cause-dropped-todo = 기다리면 돼요. 자동으로 다시 시도해요.
cause-stalled = 업로드가 멈춰 있었어요.
cause-stalled-todo = 자동으로 다시 시도해요. 계속되면 네트워크 연결을 확인하세요.

## 백엔드
cause-signed_out = 백엔드가 로그인을 받아들이지 않아요.
cause-signed_out-todo = 토큰을 확인하고 다시 로그인하세요. 대기 중인 파일은 이어서 업로드해요.
cause-backend_busy = 백엔드가 바빠요.
cause-backend_busy-todo = 기다리면 돼요. 속도를 줄여 자동으로 다시 시도해요.
cause-backend_error = 백엔드에서 오류가 났어요.
cause-backend_error-todo = 자동으로 다시 시도해요. 계속되면 백엔드 관리자에게 알려 주세요.
cause-backend_answer = 백엔드의 응답을 이해할 수 없어요.
cause-backend_answer-todo = 백엔드 주소를 확인하세요. 주소가 맞다면 백엔드 관리자에게 알려 주세요.
cause-backend_refused = 백엔드가 이 파일을 거부했어요.
cause-backend_refused-todo = 파일 정보에서 거부한 이유를 확인하고 파일이나 백엔드를 고친 뒤 다시 시도하세요.
cause-backend_silent = 백엔드가 이 파일에 대해 응답하지 않았어요.
cause-backend_silent-todo = 자동으로 다시 시도해요. 계속되면 백엔드 관리자에게 알려 주세요.
cause-backend_pending = 저장소에 올라갔고, 백엔드가 아직 처리하고 있어요.
cause-backend_pending-todo = 할 일은 없어요. 백엔드가 끝낼 때까지 Offload가 계속 물어봐요.
cause-sign_in_refused = 브라우저에서 로그인을 거절했어요.
cause-sign_in_refused-todo = 실수였다면 다시 시작해서 승인하세요.
cause-sign_in_expired = 제한 시간 안에 로그인을 승인하지 않았어요.
cause-sign_in_expired-todo = 다시 시작해서 브라우저에서 승인하세요.
cause-sign_in_cancelled = 로그인을 그만뒀어요.
cause-sign_in_cancelled-todo = 다시 시작하세요.
cause-no_browser_sign_in = 이 백엔드는 브라우저 로그인을 지원하지 않아요.
cause-no_browser_sign_in-todo = 토큰으로 연결하세요.
cause-no_browser = 브라우저를 열지 못했어요.
cause-no_browser-todo = 아래 페이지를 아무 기기에서나 직접 여세요.
cause-upload_method = 백엔드가 이 버전에서 지원하지 않는 업로드 방식을 요구해요.
cause-upload_method-todo = Offload를 업데이트하거나, 백엔드 관리자에게 일반 POST 방식을 요청하세요.
cause-key_changed = 백엔드가 이 파일의 S3 저장 위치를 이전과 다르게 알려 줬어요.
cause-key_changed-todo = 같은 파일은 항상 같은 위치여야 해요. 백엔드 관리자에게 알린 뒤 다시 시도하세요.
cause-bad_form = 백엔드가 준 업로드 양식을 쓸 수 없어요.
cause-bad_form-todo = 파일 정보의 내용을 백엔드 관리자에게 알린 뒤 다시 시도하세요.
cause-not_in_bucket = 백엔드가 버킷에서 파일을 찾지 못했어요.
cause-not_in_bucket-todo = 자동으로 다시 업로드해요. 계속되면 백엔드가 다른 곳을 찾고 있는 것이니 관리자에게 알려 주세요.

## S3
cause-s3_internal = S3에서 내부 오류가 났어요.
cause-s3_internal-todo = 기다리면 돼요. 자동으로 다시 시도해요.
cause-s3_slow_down = S3가 속도를 줄여 달라고 해요.
cause-s3_slow_down-todo = 기다리면 돼요. 속도를 줄여 자동으로 다시 시도해요.
cause-s3_timeout = S3가 파일을 기다리다 시간이 초과됐어요.
cause-s3_timeout-todo = 자동으로 다시 시도해요. 계속되면 동시 업로드 수를 줄여 보세요.
cause-policy_expired = 이 파일의 업로드 허가가 만료됐어요.
cause-policy_expired-todo = 자동으로 다시 허가를 받아요. 계속되면 백엔드의 시계가 틀렸을 수 있어요.
cause-credentials_expired = 백엔드의 S3 임시 권한이 만료됐어요.
cause-credentials_expired-todo = 자동으로 다시 허가를 받아요. 계속되면 백엔드 관리자에게 알려 주세요.
cause-clock_skewed = 백엔드와 S3의 시계가 서로 달라요.
cause-clock_skewed-todo = 백엔드 관리자에게 서버 시계를 맞춰 달라고 한 뒤 다시 시도하세요.
cause-policy_too_large = 파일이 업로드 허가에 정해진 크기보다 커요.
cause-policy_too_large-todo = 백엔드 관리자에게 더 큰 파일을 허용해 달라고 한 뒤 다시 시도하세요.
cause-policy_too_small = 파일이 업로드 허가에 정해진 크기보다 작아요.
cause-policy_too_small-todo = 파일이 온전한지 확인하세요. 문제가 없다면 백엔드 관리자에게 더 작은 파일을 허용해 달라고 한 뒤 다시 시도하세요.
cause-policy_condition = 파일이 업로드 허가의 조건에 맞지 않아요.
cause-policy_condition-todo = 파일 정보에 적힌 조건을 백엔드 관리자에게 알린 뒤 다시 시도하세요.
cause-policy_extra_field = 업로드 양식에 허가되지 않은 항목이 있어요.
cause-policy_extra_field-todo = 파일 정보에 적힌 항목을 백엔드 관리자에게 알린 뒤 다시 시도하세요.
cause-policy_invalid = S3가 업로드 허가를 읽지 못했어요.
cause-policy_invalid-todo = 백엔드 관리자에게 알린 뒤 다시 시도하세요.
cause-signature_mismatch = S3가 백엔드의 서명을 인정하지 않아요.
cause-signature_mismatch-todo = 백엔드 관리자에게 S3 키와 리전을 확인해 달라고 한 뒤 다시 시도하세요.
cause-access_key_unknown = S3가 백엔드의 액세스 키를 알지 못해요.
cause-access_key_unknown-todo = 백엔드 관리자에게 S3 액세스 키를 확인해 달라고 한 뒤 다시 시도하세요.
cause-signature_version = S3가 이 서명 방식을 받지 않아요.
cause-signature_version-todo = 백엔드 관리자에게 서명 버전 4를 쓰도록 요청한 뒤 다시 시도하세요.
cause-s3_denied = S3가 접근을 거부했어요.
cause-s3_denied-todo = 백엔드에 파일을 저장할 권한이 필요해요. 백엔드 관리자에게 알린 뒤 다시 시도하세요.
cause-no_such_bucket = 버킷이 없어요.
cause-no_such_bucket-todo = 백엔드 관리자에게 버킷 이름과 리전을 확인해 달라고 한 뒤 다시 시도하세요.
cause-bad_digest = S3가 받은 내용이 보낸 내용과 달라요.
cause-bad_digest-todo = 다시 시도하세요. 또 생기면 중간의 프록시나 백신 프로그램이 파일을 바꾸고 있을 수 있어요.
cause-stored_other = S3에 저장된 내용이 보낸 파일과 달라요.
cause-stored_other-todo = 다시 시도하세요. 또 생기면 S3로 가는 길에서 무언가가 파일을 바꾸고 있는 거예요.
cause-redirected = S3가 업로드를 다른 주소로 돌렸어요.
cause-redirected-todo = 자동으로 다시 시도해요. 계속되면 백엔드 관리자에게 알려 주세요.
cause-wrong_region = 백엔드의 업로드 허가가 S3의 다른 리전 것이에요.
cause-wrong_region-todo = 백엔드 관리자에게 버킷이 있는 리전을 쓰도록 요청한 뒤 다시 시도하세요.
cause-s3_unknown = S3의 응답을 이해할 수 없어요.
cause-s3_unknown-todo = 자동으로 다시 시도해요. 네트워크 로그인 화면이 가로막고 있을 수 있으니 브라우저로 웹 페이지를 열어 확인해 보세요.
cause-s3_refused = S3가 업로드를 거부했어요.
cause-s3_refused-todo = 파일 정보에 적힌 이유를 백엔드 관리자에게 알린 뒤 다시 시도하세요.

## 사용자
cause-cancelled = 업로드하기 전에 취소했어요.
cause-cancelled-todo = 업로드하려면 폴더를 다시 추가하세요.
cause-dismissed = 업로드하기 전에 사라진 파일이라 목록에서 지웠어요.
cause-dismissed-todo = 할 일이 없어요. 파일이 돌아오면 업로드해요.
cause-superseded = 업로드가 끝나기 전에 새 버전으로 바뀌었어요.
cause-superseded-todo = 할 일이 없어요. 새 버전을 업로드해요.
cause-moved_elsewhere = 업로드하기 전에 파일 이름이나 위치가 바뀌었어요.
cause-moved_elsewhere-todo = 할 일이 없어요. 지금 있는 자리에서 업로드해요.
cause-source_removed = 업로드하기 전에 폴더를 Offload에서 뺐어요.
cause-source_removed-todo = 업로드하려면 폴더를 다시 추가하세요.
cause-excluded = 필터에 따라 제외된 파일이에요.
cause-excluded-todo = 업로드하려면 폴더의 필터를 바꾸세요.
cause-kept_first = 업로드한 뒤에 파일이 바뀌었지만, 이 폴더는 첫 버전만 보관해요.
cause-kept_first-todo = 바뀐 파일도 새 버전으로 업로드하려면 폴더 설정을 바꾸세요.

## Offload
cause-ledger = Offload가 업로드 기록을 저장하지 못했어요.
cause-ledger-todo = 디스크에 빈 공간이 있는지, Offload 데이터 폴더에 쓸 수 있는지 확인하세요.
cause-ledger_gone = 실행 중에 업로드 기록 파일이 사라지거나 바뀌었어요.
cause-ledger_gone-todo = 파일을 되돌려 놓거나 Offload를 다시 시작하세요.
cause-ledger_owned = Offload가 이미 실행 중이에요.
cause-ledger_owned-todo = 실행 중인 Offload를 쓰거나, 종료한 뒤 다시 시도하세요.
cause-ledger_newer = 업로드 기록이 더 새로운 버전의 Offload에서 만들어졌어요.
cause-ledger_newer-todo = Offload를 업데이트하세요. 기록은 그대로 두었어요.
cause-ledger_damaged = 업로드 기록이 손상됐어요.
cause-ledger_damaged-todo = 손상된 파일을 다른 곳으로 옮기고 다시 시작하세요. 사진과 S3에 있는 파일은 그대로예요.
cause-ledger_foreign = Offload 데이터 폴더에 있는 파일이 다른 프로그램의 것이에요.
cause-ledger_foreign-todo = Offload의 데이터 폴더를 다른 곳으로 지정하세요.
cause-ledger_absent = 아직 업로드 기록이 없어요.
cause-ledger_absent-todo = 폴더를 추가해 시작하세요.
cause-data_folder = Offload 데이터 폴더를 쓸 수 없어요.
cause-data_folder-todo = 폴더가 있는지, 내 소유이고 쓸 수 있는지 확인하세요.
cause-disk_full = 디스크가 가득 찼어요.
cause-disk_full-todo = 빈 공간을 마련하면 자동으로 이어서 진행해요.
cause-config = 설정 파일에 잘못된 내용이 있어요.
cause-config-todo = 해당 줄을 고치거나 지우세요.
cause-config_file = 설정 파일을 읽거나 쓸 수 없어요.
cause-config_file-todo = 파일이 내 소유인지, 폴더에 쓸 수 있는지 확인하세요.
cause-moved = 그사이 파일의 상태가 바뀌었어요.
cause-moved-todo = 파일을 다시 확인해 보세요.
cause-stopped = Offload 엔진이 멈췄어요.
cause-stopped-todo = Offload를 다시 시작하세요.
cause-busy = 너무 많은 프로그램이 Offload에 연결하고 있어요.
cause-busy-todo = 잠시 뒤에 다시 시도하세요.
cause-bad_request = Offload가 요청을 이해하지 못했어요.
cause-bad_request-todo = 앱과 명령줄 도구의 버전이 같은지 확인하세요.
cause-shell = 앱에서 문제가 생겼어요.
cause-shell-todo = 다시 시도하세요. 계속되면 Offload를 다시 시작하세요.
cause-daily_limit = 지금은 업로드하지 않는 시간이에요.
cause-daily_limit-todo = 시간이 지나면 이어서 업로드해요. 지금 업로드하려면 다시 시작을 누르거나 설정에서 시간을 바꾸세요.

## 요청
cause-bad_glob = 필터를 이해할 수 없어요.
cause-bad_glob-todo = *.jpg나 raw/** 같은 형식으로 입력하세요.
cause-not_there = 폴더나 파일이 그 자리에 없어요.
cause-not_there-todo = 옮겼거나 디스크 연결이 끊기지 않았는지 확인하세요.
cause-no_folder = 폴더만 계속 지켜볼 수 있어요.
cause-no_folder-todo = 파일은 한 번만 업로드하세요.
cause-relative_path = 경로가 완전하지 않아요.
cause-relative_path-todo = 최상위 폴더부터 전체 경로를 입력하세요.
cause-prefix = 이 저장 위치는 사용할 수 없어요.
cause-prefix-todo = “.”이나 “..” 없이 clients/smith처럼 적어 주세요.
cause-time_over = 이미 지난 시각이에요.
cause-time_over-todo = 앞으로 올 시각을 골라 주세요.
cause-backend_page = 백엔드 응답 대신 웹 페이지가 왔어요.
cause-backend_page-todo = 주소를 확인해 주세요. 로그인 페이지나 프록시가 중간에 있을 수 있어요.
cause-no_endpoint = 이 주소에는 Offload 백엔드가 없어요.
cause-no_endpoint-todo = 호스트 이름 뒤에 오는 부분까지 주소를 확인해 주세요.
cause-bad_address = 백엔드 주소로 쓸 수 없는 값이에요.
cause-bad_address-todo = photos.example/api처럼 적어 주세요.
cause-token = 토큰이 비어 있어요.
cause-token-todo = 스튜디오 백엔드에서 토큰을 만들어 빠짐없이 복사해 주세요.
cause-auth_scheme = 헤더 방식으로 쓸 수 없는 값이에요.
cause-auth_scheme-todo = Bearer나 Token처럼 한 단어로 적어 주세요.
cause-nothing = 선택한 항목이 없어요.
cause-nothing-todo = 폴더나 파일을 선택하세요.
cause-own_folder = 이 폴더 안에 Offload의 데이터가 있어요.
cause-own_folder-todo = 사진만 들어 있는 하위 폴더를 선택하세요.
cause-no_such_source = 이 폴더는 더 이상 Offload에 없어요.
cause-no_such_source-todo = 업로드하려면 다시 추가하세요.
cause-refused = 지금은 할 수 없어요.
cause-refused-todo = 잠시 뒤에 다시 시도하세요.

## 폴더 알림
notice-away = { $kind ->
    [not_mounted] 디스크가 연결되지 않아 폴더가 비어 있어요. 삭제되는 것은 없고, 다시 연결하면 이어서 진행해요.
    [not_a_folder] 그 자리에 더 이상 폴더가 없어요. 삭제되는 것은 없고, 폴더가 돌아오면 이어서 진행해요.
   *[missing] 폴더를 찾을 수 없어요. 연결이 끊겼거나 이름이 바뀌었거나 삭제된 것 같아요. 삭제되는 것은 없고, 폴더가 돌아오면 이어서 진행해요.
}
notice-back = { $name } 폴더가 돌아왔어요.
notice-bad_glob = 필터를 이해할 수 없어 이 폴더를 업로드하지 않아요: { $why }
notice-keys_change = 이 백엔드는 물어볼 때마다 다른 이름을 정할 수 있어요. 업로드 응답을 받지 못하면 저장소에 사본이 하나 더 남을 수 있어요.
notice-ledger = Offload가 업로드 기록을 저장하지 못했어요: { $why }
notice-ledger_gone = 실행 중에 업로드 기록 파일이 사라지거나 바뀌었어요. 파일을 되돌려 놓거나 Offload를 다시 시작하세요.
notice-left_out = 숨김·임시·시스템 파일이거나 필터로 제외된 파일 { $total }개는 업로드하지 않아요.
notice-link_loop = 제자리로 돌아오는 링크 { $count }개는 따라가지 않아요. 첫 번째: { $path }
notice-not_watched = 폴더를 지켜볼 수 없어요: { $why }
notice-polling = { $kind ->
    [remote_share] 네트워크 공유 폴더예요. 다른 컴퓨터에서 바꾼 내용은 몇 분마다 확인해요.
   *[unwatchable] 폴더를 실시간으로 지켜볼 수 없어 1분마다 확인해요.
}
notice-rescan = 폴더 전체를 다시 확인하고 있어요.
notice-unconfirmed = 이 백엔드는 업로드를 확인해 주지 않아요. 초록색은 저장소가 체크섬이 일치하는 파일을 받았다는 뜻이고, 스튜디오가 알고 있다는 뜻은 아니에요.
notice-session = 백엔드의 계정 응답을 이해할 수 없지만 업로드는 계속해요: { $why }
notice-unreadable = { $path } 폴더를 읽을 수 없어요: { $why }
notice-watch_limit = { $kind ->
    [folders] 하위 폴더가 너무 많아 1분마다 확인해요. 일부를 제외하거나 나누어 추가하세요.
   *[watches] 시스템이 더 이상 폴더를 지켜볼 수 없어 1분마다 확인해요. 한도를 늘리려면: { $fix }
}
