# 창에 나오는 글. 이름, 경로, 크기는 글자로, 개수는 숫자로 들어옵니다.

## 어디서나
close = 닫기
cancel = 취소
save = 저장
undo = 실행 취소
copied = 복사했어요
copy = { $what } 복사
retry = 다시 시도
dismiss = 목록에서 지우기
details = 자세히 보기
reveal = 폴더에서 보기
look-again = 다시 살펴보기
choose-folder = 폴더 선택…
choose-files = 파일 선택…
trouble = 창에 문제가 생겼어요.
messages = 메시지
close-message = 메시지 닫기
take-out = { $value } 빼기
files-count = 파일 { $count }개
files-at-least = 파일 { $count }개 이상

## 숫자
speed = { $bytes }/초
took-ms = { $value }밀리초
took-s = { $value }초
span-seconds = { $value }초
span-minutes = { $value }분
span-hours = { $rest ->
    [0] { $value }시간
   *[other] { $value }시간 { $rest }분
}
span-days = { $value }일

## 처음 실행
welcome = 환영합니다
welcome-title = 백엔드에 연결하기
welcome-text = 사진은 내 저장소로 바로 올라가요. 업로드를 허가해 줄 백엔드만 알려 주세요.
steps = 시작 단계
step-connect = 연결
step-folder = 첫 폴더
connect-form = 백엔드 연결
address = 백엔드 주소
address-help = 운영자에게 받은 주소를 입력하세요. 예: photos.example/api
address-empty = 백엔드 주소를 입력하세요.
address-not_an_address = 올바른 주소가 아니에요. photos.example/api 같은 형식이에요.
address-scheme = 주소는 https:// 또는 http://로 시작해야 해요.
token = 토큰
token-help = 시스템 키링에 안전하게 보관해요.
token-help-companion = 백엔드에서 요구할 때만 입력하세요. 시스템 키링에 안전하게 보관해요.
token-empty = 백엔드에서 받은 토큰을 입력하세요.
token-show = 토큰 보기
token-hide = 토큰 숨기기
token-from-environment = 환경 변수 OFFLOAD_TOKEN에 토큰이 설정되어 있어 여기에 입력하지 않아도 돼요.
token-from-environment-short = OFFLOAD_TOKEN으로 설정됨
advanced = 고급 설정
scheme = 인증 헤더
scheme-help = 백엔드에서 따로 안내하지 않았다면 Bearer를 사용하세요.
protocol = 백엔드 방식
protocol-offload = Offload 방식
protocol-companion = Uppy Companion 또는 Shrine 방식
protocol-help = 운영자가 따로 안내하지 않았다면 Offload 방식을 사용하세요.
protocol-companion-help = 이 방식의 백엔드는 업로드를 확인해 주지 않아요. 저장소가 파일을 받았다는 뜻까지만 알 수 있어요.
sign-in-browser = 브라우저로 로그인
sign-in-browser-text = 브라우저에서 로그인 페이지가 열려요. Offload는 비밀번호를 볼 수 없어요.
use-token = 토큰으로 연결
browser-opening = 준비하는 중…
browser-title = 브라우저에서 승인하세요
browser-compare = 페이지에 이 코드가 보이는지 확인하세요.
browser-type = 페이지에 이 코드를 입력하세요.
browser-code = 코드
browser-host = 페이지 주소: { $host }
browser-waiting = 승인을 기다리는 중
browser-left = { $time } 남음
browser-again = 페이지 다시 열기
browser-copy = 코드 복사
browser-page = 페이지
connect = 연결
connecting = 확인하는 중…
folder-title = 첫 폴더를 추가하세요
folder-text = 연결했어요. 폴더에 있는 모든 파일을 업로드하고, 원본은 절대 건드리지 않아요.
folder-text-as = { $account } 계정으로 연결했어요. 폴더에 있는 모든 파일을 업로드하고, 원본은 절대 건드리지 않아요.
drop-first = 첫 폴더를 끌어다 놓으세요
drop-or = 이 창 어디에 놓아도 돼요. 또는
skip = 나중에 하기

## 창 전체
starting = Offload를 여는 중
starting-text = 파일 기록을 여는 중이에요.
elsewhere = 다른 곳에서 Offload가 실행 중이에요
elsewhere-text = 서비스나 터미널에서 이 기록을 사용하고 있어요. 그쪽이 끝나면 이 창이 바로 이어서 시작해요.
broken = Offload를 시작할 수 없어요
open-logs = 로그 열기
copy-diagnostics = 진단 정보 복사
diagnostics-title = 진단 정보를 복사할까요?
diagnostics-text =
    버전, 시스템, 설정, 상태별 파일 수, 최근 오류를 클립보드에 복사해요.
    폴더 경로와 백엔드 주소는 들어가지만 토큰과 사진은 들어가지 않아요.
diagnostics-copy = 복사
diagnostics-copied = 진단 정보를 클립보드에 복사했어요

## 사이드바
side = 위치와 소스
place-files = 파일
place-attention = 확인 필요
place-settings = 설정
place-checkup = 연결 점검
all-files = 모든 파일
attention = 확인 필요
watched = 지켜보는 폴더
batches = 업로드
earlier = 지난 업로드
no-watched = 아직 없음
add-folder = 폴더 추가
settings = 설정
nobody = 로그인 안 됨
account-of = 계정: { $account }, { $backend }
source-menu = { $name } 작업
source-working = { $left }개 남음 · { $percent }
source-attention = { $count }개 확인 필요
source-safe = 파일 { $count }개 모두 안전
source-stored = 파일 { $count }개 모두 업로드됨
source-scanning = 살펴보는 중…
source-paused = 일시 중지됨
source-away = 찾을 수 없음
source-cancelled = 취소됨
source-empty = 파일 없음
source-pause = 일시 중지
source-resume = 다시 시작
source-retry = 실패한 파일 다시 시도
source-edit = 편집…
source-remove = 제거
source-remove-title = { $name } 항목을 제거할까요?
source-remove-text = Offload가 이 항목을 잊고 더 이상 업로드하지 않아요. 아무것도 삭제하지 않아요. 파일은 이 컴퓨터에, 업로드한 파일은 저장소에 그대로 남아요.
batch-cancel = 업로드 취소
batch-cancel-title = { $name } 업로드를 취소할까요?
batch-cancel-text = 아직 안전하지 않은 파일 { $count }개를 업로드하지 않아요. 이미 업로드한 파일은 저장소에 그대로 남아요.
source-name = 이름
source-nameless = 이름을 입력하세요.
source-edit-title = { $name } 편집
saved-source = { $name } 항목을 변경했어요

## 전체 상태
standing = 전체 상태
health-opening = 여는 중…
health-working = 작업 중
health-up_to_date = 모두 안전해요
health-stored = 모두 저장소에 있어요
health-empty = 첫 폴더를 추가해 보세요
health-looking = 폴더를 살펴보는 중
health-uploading = { $all }개 중 { $done }개 업로드
health-confirming = 백엔드의 확인을 기다리는 중
health-paused = 일시 중지됨
health-daily_limit = 일일 일정에 따라 일시 중지됨
health-offline = 오프라인
health-signed_out = 로그아웃됨
health-stopped = Offload가 실행되고 있지 않아요
health-needs_attention = { $count ->
    [0] 확인이 필요한 항목이 있어요
   *[other] 파일 { $count }개를 확인해 주세요
}
safe-files = 파일 { $count }개 업로드 및 확인 완료
stored-files = 파일 { $count }개 업로드됨 · 이 백엔드는 확인해 주지 않아요
time-left = { $time } 남음
still-uploading = 파일 { $count }개 업로드 중
left-over = 파일 { $count }개 남음
paused-until = { $time }까지
next-try = { $time } 후 다시 시도
trying-now = 지금 다시 시도하는 중
pause = 일시 중지
pause-hour = 1시간 동안
pause-tomorrow = 내일까지
pause-until-resume = 다시 시작할 때까지
resume = 다시 시작
add = 추가
progress-of-all = 전체 진행률
progress-of-file = 진행률
progress-text = 파일 { $all }개 중 { $done }개

## 목록
files = 파일
column-name = 이름
column-state = 상태
column-size = 크기
column-changed = 변경됨
state-settling = 준비 중
state-queued = 대기 중
state-uploading = 업로드 중
state-uploaded = 확인 중
state-confirmed = 안전
state-stored = 업로드됨
state-waiting = 재시도 예정
state-failed = 실패
state-skipped = 건너뜀
state-missing = 사라짐
retry-at = { $time }에
preparing = 준비 중
search = 파일 검색
search-placeholder = 이름이나 폴더로 검색
search-clear = 검색어 지우기
filter = 상태별 보기
filter-all = 전체
filter-hint = { $state } (Ctrl을 누른 채 여러 개 선택)
filter-clear = 필터 지우기
order = 정렬
order-now = 정렬: { $order }
order-newest = 최신순
order-oldest = 오래된순
order-name = 이름 오름차순
order-name-down = 이름 내림차순
order-largest = 큰 파일순
order-smallest = 작은 파일순
order-changed = 최근 변경순
order-changed-up = 오래전 변경순
found = 파일 { $count }개를 찾았어요
file-menu = 파일 작업
selected = { $count }개 선택됨
selected-most = 처음 { $count }개를 선택했어요
select-none = 선택 해제
retry-several = 파일 { $count }개 다시 시도
dismiss-missing = 사라진 파일을 목록에서 지우기
retried = { $count ->
    [0] 다시 시도할 파일이 없어요
   *[other] 파일 { $count }개를 다시 시도해요
}
dismissed = { $count ->
    [0] 사라진 파일이 없어요
   *[other] 사라진 파일 { $count }개를 목록에서 지웠어요
}
none-match = 맞는 파일이 없어요
none-match-text = 다른 단어로 검색하거나 모든 상태를 살펴보세요.
no-sources = 아직 아무것도 없어요
no-sources-text = 이 창에 폴더를 끌어다 놓으면 안전하게 업로드해요.
scanning = 폴더를 살펴보는 중이에요
scanning-text = 찾은 파일부터 여기에 나타나요.
no-files = 파일이 없어요
no-files-text = 폴더에 새 파일을 저장하면 저절로 나타나요.

## 파일 하나
close-details = 자세히 닫기
story-state = 상태
story-gone = 더 이상 기록에 없는 파일이에요.
state-settling-text = 파일 저장이 완전히 끝나기를 기다리고 있어요.
state-queued-text = 차례가 되면 바로 업로드해요.
state-uploading-text = 저장소로 올라가고 있어요.
state-uploaded-text = 저장소에 올라갔고, 백엔드의 확인을 기다리고 있어요.
state-confirmed-text = 체크섬이 일치하는 파일이 저장소에 있고, 백엔드도 확인했어요.
state-stored-text = 체크섬까지 일치하는 파일이 저장소에 있어요. 이 백엔드는 확인해 주지 않아요.
state-waiting-text = { $time }에 자동으로 다시 시도해요.
state-failed-text = 업로드하지 못했어요.
state-skipped-text = 업로드하지 않아요.
state-missing-text = 업로드하기 전에 사라졌어요.
sent-of = { $size } 중 { $sent }
fact-where = 위치
fact-size = 크기
fact-modified = 수정한 날짜
fact-confirmed = 확인한 날짜
fact-stored = 업로드 시각
fact-key = 키
fact-etag = ETag
fact-sha256 = SHA-256
fact-file-id = 파일 ID
fact-code = 원인
versions = 버전
version-latest = 최신
attempts = 진행 기록
no-attempts = 아직 없어요.
step-upload = 업로드
step-confirm = 확인
outcome-ok = 성공
technical = 기술 정보

## 확인이 필요한 것
attention-text = Offload가 혼자 해결할 수 없는 일과 해결 방법이에요.
retry-everything = 모두 다시 시도
retry-these = 이 파일들 다시 시도
dismiss-these = 이 파일들 지우기
retry-file = { $name } 다시 시도
dismiss-file = { $name } 목록에서 지우기
show-more = { $count }개 더 보기
show-in-list = 목록에서 모두 보기
nothing-needs-you = 확인할 것이 없어요
nothing-needs-you-text = 업로드하지 못한 파일이 생기면 이유와 해결 방법을 여기에서 알려 드려요.
away-title = { $name } 폴더를 찾을 수 없어요
away-text = 폴더가 제자리에 없어요. 아무것도 삭제하지 않고, 폴더가 돌아오면 저절로 이어서 업로드해요.
away-todo = 메모리 카드나 드라이브를 다시 연결하거나, 폴더를 원래 자리로 옮기세요.

## 끌어다 놓기
drop-here = 놓으면 업로드해요
drop-count = 항목 { $count }개
given-folder = { $name } 추가
given-several = { $folders ->
    [0] 파일 { $files }개 추가
   *[other] { $files ->
        [0] 폴더 { $folders }개 추가
       *[other] 폴더 { $folders }개와 파일 { $files }개 추가
    }
}
given-how = 어떻게 할까요
and-more = 외 { $count }개
measuring = 세는 중…
measured = 파일 { $files }개 · { $size }
measured-more = 파일 { $files }개 이상 · { $size } 이상
upload-now = 지금 업로드
upload-now-text = 지금 있는 파일만 한 번 올려요.
keep-watching = 계속 지켜보기
keep-watching-text = 지금 있는 파일과 앞으로 들어올 파일까지 올려요.
prefix = 저장소 안의 폴더
prefix-placeholder = 없음
prefix-help = 저장소에서 모든 경로 앞에 붙어요. 예: weddings/2026
prefix-edit-help = 지금부터 업로드할 파일에만 적용돼요. 이미 올린 파일은 그대로 있어요.
more-options = 옵션 더 보기
include = 이 파일만
include-help = 패턴을 입력하세요. 비워 두면 모든 파일을 올려요.
exclude = 제외할 파일
exclude-help = 숨김 파일과 시스템 파일은 항상 제외돼요.
changed = 업로드한 파일이 바뀌면
changed-new-version = 새 버전으로 업로드
changed-keep-first = 처음 버전 유지
added-watched = 이제 { $name } 폴더를 지켜봐요
added-batch = { $name } 업로드를 시작했어요

## 설정
saved = 저장했어요
account = 계정
sign-in = 로그인
sign-in-again = 다시 로그인
sign-in-text = 주소와 토큰을 먼저 확인한 다음 변경해요.
signed-in = 로그인했어요
sign-out = 로그아웃
sign-out-title = 로그아웃할까요?
sign-out-text = Offload가 토큰을 지워요. 다시 로그인할 때까지 업로드하지 않지만, 파일과 목록은 그대로 남아요.
transfer = 전송
set-bandwidth = 속도 제한
set-bandwidth-text = 같은 네트워크를 쓰는 다른 작업에 여유를 남겨요.
rate-unit = 단위
rate-kb = KB/초
rate-mb = MB/초
rate-wrong = 10 KB/초 이상을 입력하세요.
set-daily = 일일 일정
set-daily-text = 정해진 시간에는 다른 제한을 적용해요.
daily-from = 시작
daily-to = 종료
daily-from-label = 시작 시간
daily-to-label = 종료 시간
daily-what = 이 시간에는
daily-nothing = 업로드 안 함
daily-limit = 속도 제한
daily-limit-label = 이 시간의 속도
daily-over-night = 다음 날에 끝나요.
daily-whole-day = 하루 종일 적용돼요.
time-wrong = 예: 09:30
set-concurrency = 최대 동시 업로드 수
set-concurrency-text = 상황에 맞게 스스로 조절해요. 지금은 최대 { $count }개까지 동시에 보내요.
fewer = 줄이기
more = 늘리기
set-keep-awake = 컴퓨터를 깨어 있게 하기
set-keep-awake-text = 파일을 업로드하는 동안 잠들지 않아요.
privacy = 개인정보
set-gps = 백엔드에 촬영 위치 알리기
set-gps-text = 파일 자체는 바꾸지 않아요. 사진에 들어 있는 위치 정보는 그대로 남아요.
desktop = 데스크톱
set-start-at-login = 로그인할 때 시작
set-start-at-login-text = Offload가 트레이에서 대기해요.
set-notify-done = 업로드가 끝나면 알림
set-notify-done-text = 업로드마다 한 번만 알려요.
set-notify-attention = 확인이 필요하면 알림
set-notify-attention-text = 파일마다 알리지 않고 모아서 알려요.
set-appearance = 화면 모드
appearance-system = 시스템
appearance-light = 라이트
appearance-dark = 다크
set-language = 언어
language-system = 시스템
language-en = English
language-ko = 한국어
help = 도움말
help-trouble = 문제가 있나요?
help-trouble-text = 로그와 진단 정보에는 토큰이 들어 있지 않아요.
checkup = 연결 점검
checkup-short = 이 컴퓨터와 백엔드가 업로드에 필요한 것을 모두 갖췄는지 확인해요.
checkup-open = 점검하기…
version = Offload { $version }
data-dir = 기록과 설정 위치: { $path }

## 연결 점검
checkup-back = 설정으로 돌아가기
checkup-text = 이 컴퓨터를 살펴보고 백엔드를 바깥에서 점검해요. 파일이 올라가지 못하는 이유를 찾고 해결 방법을 알려 줘요.
checkup-probe = 작은 테스트 파일도 보내기
checkup-probe-text = 저장소까지 실제로 업로드해 봐요. 1 KB짜리 객체가 하나나 둘 남고, 이름은 결과에 나와요. 삭제해도 괜찮아요.
checkup-start = 지금 점검
checkup-again = 다시 점검
checkup-running = 점검하는 중
checkup-running-text = 몇 초 걸려요. 그동안 다른 화면을 봐도 돼요.
checkup-failed = 점검하지 못했어요
checkup-good = 문제가 없어요
checkup-good-text = 항목 { $count }개를 확인했어요.
checkup-no-probe = 테스트 파일은 보내지 않았어요.
checkup-problems = 문제 { $count }개를 찾았어요
checkup-problems-text = 해결 방법은 각 항목 아래에 있어요. 대부분 백엔드 운영자가 할 일이니 결과를 복사해서 보내 주세요.
checkup-at = { $time } 점검 · { $backend }
checkup-at-machine = { $time } 점검
checkup-copy = 결과 복사
checkup-copied = 결과를 클립보드에 복사했어요
checkup-in-order = 정상 { $count }개
checkup-mends = 백엔드 개발자용
about-machine = 이 컴퓨터
about-backend = 백엔드
about-sign_in = 접근 권한
about-signature = 서명 내용
about-probe = 테스트 파일
verdict-good = 정상
verdict-note = 참고
verdict-problem = 문제
verdict-unknown = 확인 못 함
stack-django = Django와 boto3용
stack-js = JavaScript용
stack-companion = Uppy Companion용

## 종료
quit-title = 아직 확인되지 않은 파일이 { $count }개 있어요. 종료할까요?
quit-text = 사라지지 않아요. 다음에 시작하면 이어서 업로드해요.
quit = 종료
keep-running = 계속 실행
