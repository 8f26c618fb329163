from django.urls import path

from . import oauth, pages

urlpatterns = [
    path("device", pages.device, name="device"),
    path("device/login", pages.login, name="device_login"),
    path("device/other-account", pages.other_account, name="device_other_account"),
    path("oauth/device_authorization", oauth.device_authorization, name="device_authorization"),
    path("oauth/token", oauth.token, name="token"),
]
