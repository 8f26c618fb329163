# 셸이 말하는 것: 트레이와 그 메뉴, 알림, 시스템 대화 상자.
# 파일과 폴더의 이름은 글자만 남긴 $name으로 들어옵니다.

## 트레이의 상태 한마디: 라벨이자 메뉴 첫 줄의 앞부분

tray-up-to-date = 모두 안전함
tray-uploading = 업로드 중
tray-uploading-percent = 업로드 중 { $percent }%
tray-checking = 폴더 살펴보는 중
tray-paused = 일시 중지됨
tray-offline = 오프라인
tray-needs-attention = 확인 필요
tray-signed-out = 로그아웃됨
tray-starting = 시작하는 중
tray-elsewhere = 다른 곳에서 Offload 실행 중
tray-broken = Offload를 시작할 수 없음
tray-welcome = 아직 연결되지 않음

## 메뉴 첫 줄의 뒷부분

status-safe = 파일 { $files }개 안전
status-stored = 파일 { $files }개 업로드됨
status-round = 파일 { $files }개 중 { $done }개
status-to-go = 파일 { $files }개 남음
status-waiting = 파일 { $files }개 대기 중
status-need-you = 파일 { $files }개 확인 필요
status-away = 폴더 { $folders }개를 찾을 수 없음
status-until = { $time }까지
status-until-tomorrow = 내일 { $time }까지
status-daily-limit = 일일 제한, { $time }까지

## 남은 시간

left-seconds = 1분 미만 남음
left-minutes = { $minutes }분 남음
left-hours = { $hours }시간 { $minutes }분 남음
left-days = 하루 넘게 남음

## 메뉴

menu-open = Offload 열기
menu-pause = 일시 중지
menu-pause-hour = 1시간 동안
menu-pause-tomorrow = 내일까지
menu-pause-ever = 다시 시작할 때까지
menu-resume = 다시 시작
menu-recent = 최근 업로드
menu-recent-none = 아직 없음
menu-add = 폴더 추가…
menu-quit = Offload 종료

## 알림

notify-done-title = { $name }
notify-done = 파일 { $files }개가 모두 안전합니다
notify-done-some = 파일 { $files }개는 안전하고, { $failed }개는 확인이 필요합니다
notify-done-many-title = 업로드 { $batches }건 완료
notify-attention-title = Offload를 확인해 주세요
notify-attention = 파일 { $files }개를 업로드하지 못했습니다. Offload를 열어 이유와 해결 방법을 확인하세요.
notify-away-title = { $folders ->
    [one] { $name } 폴더를 찾을 수 없습니다
   *[other] 폴더 { $folders }개를 찾을 수 없습니다
}
notify-away = 폴더 { $folders }개가 다시 나타나면 바로 이어서 진행합니다.
notify-trouble = 문제가 생겨 진행할 수 없습니다. Offload를 열어 해결 방법을 확인하세요.
notify-signed-out-title = Offload에서 로그아웃되었습니다
notify-signed-out = 다시 로그인할 때까지 아무것도 업로드되지 않습니다.
notify-closed-title = Offload는 트레이에서 계속 실행됩니다
notify-closed = 폴더를 계속 지켜보고 있습니다. 종료하려면 트레이 아이콘의 메뉴를 이용하세요.
notify-minimised-title = Offload는 계속 실행됩니다
notify-minimised = 폴더를 계속 지켜보고 있습니다. 이 데스크톱에는 트레이가 없어 창을 최소화했습니다. 종료하려면 창에서 Ctrl+Q를 누르세요.
notify-failed-title = 요청을 처리하지 못했습니다

## 시스템 대화 상자

dialog-folders = 폴더 선택
dialog-files = 파일 선택

## 컴퓨터가 깨어 있는 이유

awake-reason = 사진을 업로드하는 중
