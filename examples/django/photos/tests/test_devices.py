import re
from datetime import timedelta
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client, override_settings
from django.utils import timezone

from devices.models import ALIVE, LETTERS, WRONG, Device, Request, WrongCode
from devices.oauth import CLIENT_ID, DEVICE_CODE

from .case import ApiTestCase, a_file

PASSWORD = "correct horse"


class SignInCase(ApiTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.kim.set_password(PASSWORD)
        cls.kim.save()

    def setUp(self):
        self.browser = Client(enforce_csrf_checks=True)  # the photographer's; self.client is the uploader

    def told(self, token=None):
        answer = self.client.get("/api/v1/session", headers=self.bearer(token))
        return answer.status_code, answer.json()

    def ask_token(self, url="/oauth/token", **members):
        answer = self.client.post(url, {"client_id": CLIENT_ID, **members})
        self.assertEqual(answer["Cache-Control"], "no-store")
        return answer.status_code, answer.json()

    def start(self):
        status, begun = self.ask_token("/oauth/device_authorization")
        self.assertEqual(status, 200)
        return begun

    def poll(self, begun, later=True):
        if later:  # as if the machine had waited
            Request.objects.update(polled_at=None)
        return self.ask_token(grant_type=DEVICE_CODE, device_code=begun["device_code"])

    def refresh(self, token):
        return self.ask_token(grant_type="refresh_token", refresh_token=token)

    def page(self, url, **members):
        """A page, by GET or, with members, by its form's POST; a form needs the page before it."""
        if members:
            members["csrfmiddlewaretoken"] = self.browser.cookies["csrftoken"].value
            return self.browser.post(url, members, follow=True)
        return self.browser.get(url, follow=True)

    def decide(self, begun, decision="approve"):
        self.browser.force_login(self.kim)
        self.assertContains(self.page(begun["verification_uri_complete"]), begun["user_code"])
        return self.page("/device", user_code=begun["user_code"], decision=decision)

    def signed_in(self):
        begun = self.start()
        self.decide(begun)
        status, tokens = self.poll(begun)
        self.assertEqual(status, 200)
        return tokens


class FlowTest(SignInCase):
    def test_from_no_token_at_all_to_a_presign(self):
        status, problem = self.told("none")
        self.assertEqual((status, problem["status"]), (401, 401))
        way = problem["sign_in"]["device"]
        self.assertEqual(way["client_id"], "offload")
        begun = self.client.post(way["device_authorization_endpoint"], {"client_id": way["client_id"]}).json()
        self.assertEqual((begun["expires_in"], begun["interval"]), (600, 5))
        self.assertEqual(begun["verification_uri"], "http://testserver/device")
        self.assertEqual(self.poll(begun), (400, {"error": "authorization_pending"}))

        page = self.page(begun["verification_uri_complete"])  # led to the sign-in, and from there back
        self.assertIn("/device/login", page.redirect_chain[-1][0])
        back = parse_qs(urlsplit(page.redirect_chain[-1][0]).query)["next"][0]
        page = self.page("/device/login", username="kim", password=PASSWORD, next=back)
        for shown in (begun["user_code"], "<dd>kim</dd>", "Approve", "Deny"):
            self.assertContains(page, shown)
        self.assertEqual(self.poll(begun)[1]["error"], "authorization_pending")  # to look is not to approve
        self.assertContains(
            self.page("/device", user_code=begun["user_code"], decision="approve"), "Offload is signed in"
        )

        Request.objects.update(polled_at=None)
        asked = {"client_id": way["client_id"], "grant_type": DEVICE_CODE, "device_code": begun["device_code"]}
        tokens = self.client.post(way["token_endpoint"], asked).json()
        self.assertEqual((tokens["token_type"], tokens["expires_in"]), ("Bearer", 3600))
        status, session = self.told(tokens["access_token"])
        self.assertEqual((status, session["account"], session["sign_in"]), (200, "kim", {"device": way}))
        self.assertEqual(self.presign(a_file(), tokens["access_token"])["upload"]["method"], "POST")

    def test_pasted_tokens_still_work_and_learn_of_it(self):
        self.assertIn("device", self.told()[1]["sign_in"])

    @override_settings(DEVICE_SIGN_IN=False)
    def test_can_be_switched_off(self):
        self.assertNotIn("sign_in", self.told()[1])
        self.assertNotIn("sign_in", self.told("none")[1])
        for url in ("/oauth/token", "/oauth/device_authorization"):
            self.assertEqual(self.client.post(url, {"client_id": CLIENT_ID}).status_code, 404)
        self.assertEqual(self.client.get("/device").status_code, 404)

    def test_https_behind_a_front_server(self):
        header = {"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"), "ALLOWED_HOSTS": ["photos.example"]}
        with override_settings(**header):
            asked = {"headers": {"x-forwarded-proto": "https", "host": "photos.example"}}
            way = self.client.get("/api/v1/session", **asked).json()["sign_in"]["device"]
        self.assertEqual(way["token_endpoint"], "https://photos.example/oauth/token")

    def test_denied(self):
        begun = self.start()
        self.assertContains(self.decide(begun, "deny"), "You denied this sign-in")
        self.assertEqual(self.poll(begun), (400, {"error": "access_denied"}))
        self.assertFalse(Device.objects.exists())
        self.page("/device", user_code=begun["user_code"], decision="approve")  # decided once
        self.assertEqual(self.poll(begun)[1]["error"], "access_denied")

    def test_expired(self):
        begun = self.start()
        self.browser.force_login(self.kim)
        self.page(begun["verification_uri_complete"])
        Request.objects.update(expires_at=timezone.now())
        self.assertEqual(self.page("/device", user_code=begun["user_code"], decision="approve").status_code, 404)
        self.assertEqual(self.poll(begun)[1]["error"], "expired_token")

    def test_polled_too_early_waits_longer_each_time(self):
        begun = self.start()
        self.assertEqual(self.poll(begun, later=False)[1]["error"], "authorization_pending")
        for seconds in (10, 15):
            self.assertEqual(self.poll(begun, later=False)[1]["error"], "slow_down")
            self.assertEqual(Request.objects.get().interval, seconds)
        Request.objects.update(polled_at=timezone.now() - timedelta(seconds=15))
        self.assertEqual(self.poll(begun, later=False)[1]["error"], "authorization_pending")

    def test_what_is_no_request(self):
        begun = self.start()
        cases = [
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({}, "unsupported_grant_type"),
            ({"grant_type": DEVICE_CODE}, "invalid_grant"),
            ({"grant_type": DEVICE_CODE, "device_code": begun["user_code"]}, "invalid_grant"),
            ({"grant_type": DEVICE_CODE, "device_code": Request.objects.get().device_digest}, "invalid_grant"),
            ({"grant_type": "refresh_token"}, "invalid_grant"),
            ({"grant_type": "refresh_token", "refresh_token": "봄.1.x"}, "invalid_grant"),
            ({"grant_type": DEVICE_CODE, "device_code": begun["device_code"], "client_id": "other"}, "invalid_client"),
        ]
        for members, error in cases:
            with self.subTest(members):
                self.assertEqual(self.ask_token(**members)[1]["error"], error)
        self.assertEqual(self.client.get("/oauth/token").status_code, 405)

    def test_the_answer_to_a_device_code_is_given_again_until_it_is_used(self):
        begun = self.start()
        self.decide(begun)
        lost, kept = self.poll(begun)[1], self.poll(begun)[1]
        self.assertEqual(lost["refresh_token"], kept["refresh_token"])
        self.assertEqual(Device.objects.count(), 1)
        self.assertEqual(self.told(kept["access_token"])[0], 200)
        self.assertEqual(self.poll(begun)[1]["error"], "invalid_grant")

    def test_codes_are_easy_to_type_and_hard_to_guess(self):
        codes = {self.start()["user_code"] for _ in range(20)}
        self.assertEqual(len(codes), 20)
        for code in codes:
            self.assertRegex(code, f"^[{LETTERS}]{{4}}-[{LETTERS}]{{4}}$")
        self.assertFalse(set(LETTERS) & set("AEIOU0125"))

    def test_the_database_holds_nothing_to_sign_in_with(self):
        begun = self.start()
        self.decide(begun)
        tokens = self.poll(begun)[1]
        rows = [*Request.objects.values_list(), *Device.objects.values_list()]
        for secret in (begun["device_code"], tokens["access_token"], tokens["refresh_token"]):
            self.assertNotIn(secret, str(rows))

    def test_requests_that_ran_out_are_cleared_away(self):
        for age in (timedelta(minutes=11), timedelta(days=2)):
            self.start()
            Request.objects.filter(expires_at__gt=timezone.now()).update(expires_at=timezone.now() - age)
        self.start()
        self.assertEqual(Request.objects.count(), 2)

    def test_only_so_many_wait_at_a_time(self):
        ends = timezone.now() + timedelta(minutes=5)
        rows = [Request(device_digest=str(n), user_code=str(n), expires_at=ends) for n in range(ALIVE)]
        Request.objects.bulk_create(rows)
        self.assertEqual(self.ask_token("/oauth/device_authorization")[0], 503)
        Request.objects.update(expires_at=timezone.now())
        self.start()


class RefreshTest(SignInCase):
    def test_rotates(self):
        first = self.signed_in()["refresh_token"]
        status, second = self.refresh(first)
        self.assertEqual(status, 200)
        self.assertNotEqual(second["refresh_token"], first)
        self.assertEqual(self.told(second["access_token"])[0], 200)
        self.assertEqual(self.refresh(second["refresh_token"])[0], 200)

    def test_a_lost_answer_locks_nobody_out_however_late_it_is_noticed(self):
        first = self.signed_in()["refresh_token"]
        lost = self.refresh(first)[1]["refresh_token"]  # killed before it was saved
        with mock.patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(days=89)):
            status, again = self.refresh(first)
        self.assertEqual((status, again["refresh_token"]), (200, lost))
        self.assertEqual(self.refresh(lost)[0], 200)

    def test_two_programs_of_one_machine_get_the_same(self):
        first = self.signed_in()["refresh_token"]
        self.assertEqual(self.refresh(first)[1]["refresh_token"], self.refresh(first)[1]["refresh_token"])

    def test_one_that_was_replaced_and_comes_again_signs_the_device_out(self):
        first = self.signed_in()["refresh_token"]
        second = self.refresh(first)[1]
        third = self.refresh(second["refresh_token"])[1]
        with self.assertLogs("devices.models", "WARNING") as logs:
            self.assertEqual(self.refresh(first), (400, {"error": "invalid_grant", "error_description": mock.ANY}))
        self.assertNotIn(first, "".join(logs.output))
        self.assertEqual(self.refresh(third["refresh_token"])[1]["error"], "invalid_grant")
        self.assertEqual(self.told(third["access_token"])[0], 401)

    def test_lasts_ninety_days_from_its_last_use(self):
        token = self.signed_in()["refresh_token"]
        start = timezone.now()
        for days in (89, 178):
            with mock.patch("django.utils.timezone.now", return_value=start + timedelta(days=days)):
                status, answer = self.refresh(token)
                self.assertEqual(status, 200)
                token = answer["refresh_token"]
        with mock.patch("django.utils.timezone.now", return_value=start + timedelta(days=269)):
            self.assertEqual(self.refresh(token)[1]["error"], "invalid_grant")

    def test_the_access_token_lasts_an_hour(self):
        token = self.signed_in()["access_token"]
        self.assertEqual(self.told(token)[0], 200)
        with mock.patch("django.core.signing.time.time", return_value=timezone.now().timestamp() + 3601):
            status, problem = self.told(token)
        self.assertEqual(status, 401)
        self.assertIn("sign_in", problem)

    def test_one_kind_of_token_is_not_taken_for_another(self):
        tokens = self.signed_in()
        self.assertEqual(self.told(tokens["refresh_token"])[0], 401)
        self.assertEqual(self.refresh(tokens["access_token"])[1]["error"], "invalid_grant")
        name, _, signature = tokens["refresh_token"].rpartition(".")
        self.assertEqual(self.refresh(f"{name[:-1]}9.{signature}")[1]["error"], "invalid_grant")
        self.assertEqual(self.refresh(self.token)[1]["error"], "invalid_grant")

    def test_a_key_of_djangos_can_be_replaced(self):
        tokens = self.signed_in()
        with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            status, renewed = self.refresh(tokens["refresh_token"])
            self.assertEqual(status, 200)
        with override_settings(SECRET_KEY="another"):
            self.assertEqual(self.refresh(renewed["refresh_token"])[0], 200)

    def test_a_person_who_left_is_signed_out(self):
        tokens = self.signed_in()
        get_user_model().objects.filter(pk=self.kim.pk).update(is_active=False)
        self.assertEqual(self.told(tokens["access_token"])[0], 401)
        self.assertEqual(self.refresh(tokens["refresh_token"])[1]["error"], "invalid_grant")


class PageTest(SignInCase):
    def test_without_a_code_asks_for_one_in_any_writing(self):
        begun = self.start()
        self.browser.force_login(self.kim)
        self.assertContains(self.page("/device"), 'name="user_code"')
        plain = begun["user_code"].replace("-", "").lower()
        for typed in (plain, f" {plain[:4]} {plain[4:]} ", begun["user_code"]):
            self.assertContains(self.page(f"/device?user_code={typed}"), begun["user_code"])
        self.assertFalse(WrongCode.objects.exists())

    def test_guessing_ends_after_some_wrong_codes(self):
        begun = self.start()
        self.browser.force_login(self.kim)
        self.page(begun["verification_uri_complete"])
        for _ in range(WRONG):
            self.assertEqual(self.page("/device?user_code=BBBB-BBBB").status_code, 404)
        page = self.page(begun["verification_uri_complete"])
        self.assertContains(page, "Too many wrong codes", status_code=429)
        page = self.page("/device", user_code=begun["user_code"], decision="approve")
        self.assertEqual(page.status_code, 429)
        self.browser.force_login(self.lee)  # others are not held up
        self.assertEqual(self.page(begun["verification_uri_complete"]).status_code, 200)
        WrongCode.objects.update(at=timezone.now() - timedelta(minutes=16))
        self.browser.force_login(self.kim)
        self.assertEqual(self.page(begun["verification_uri_complete"]).status_code, 200)

    def test_another_site_can_not_approve(self):
        begun = self.start()
        self.browser.force_login(self.kim)
        answer = self.browser.post("/device", {"user_code": begun["user_code"], "decision": "approve"})
        self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.page(f"{begun['verification_uri_complete']}&decision=approve").status_code, 200)  # GET
        self.assertEqual(Request.objects.get().state, "pending")

    def test_strict_headers_and_no_script(self):
        begun = self.start()
        pages = [self.page("/device/login")]
        self.browser.force_login(self.kim)
        pages += [
            self.page("/device"),
            self.page("/device?user_code=XXXX"),
            self.page(begun["verification_uri_complete"]),
        ]
        pages += [self.decide(begun)]
        for page in pages:
            nonce = re.search(r"style-src 'nonce-([^']+)'", page["Content-Security-Policy"])[1]
            self.assertIn("default-src 'none'", page["Content-Security-Policy"])
            self.assertContains(page, f'<style nonce="{nonce}">', status_code=page.status_code)
            for forbidden in ("<script", "style=", "onclick", "https://"):
                self.assertNotContains(page, forbidden, status_code=page.status_code)
            self.assertIn("no-store", page["Cache-Control"])

    def test_what_a_program_says_of_itself_is_never_markup(self):
        headers = {"user-agent": "<script>alert(1)</script>" + "x" * 500}
        begun = self.client.post("/oauth/device_authorization", {"client_id": CLIENT_ID}, headers=headers).json()
        self.browser.force_login(self.kim)
        page = self.page(begun["verification_uri_complete"])
        self.assertContains(page, "&lt;script&gt;alert(1)")
        self.assertNotContains(page, "<script")

    def test_another_account_can_be_taken(self):
        begun = self.start()
        self.browser.force_login(self.lee)
        self.page(begun["verification_uri_complete"])
        page = self.page("/device/other-account", user_code=begun["user_code"])
        back = parse_qs(urlsplit(page.redirect_chain[-1][0]).query)["next"][0]
        page = self.page("/device/login", username="kim", password=PASSWORD, next=back)
        self.assertContains(page, "<dd>kim</dd>")
        self.assertContains(page, begun["user_code"])

    def test_leads_nowhere_else_after_the_sign_in(self):
        self.page("/device/login")
        answer = self.browser.post("/device/login", {
            "username": "kim", "password": PASSWORD, "next": "https://evil.example/",
            "csrfmiddlewaretoken": self.browser.cookies["csrftoken"].value,
        })  # fmt: skip
        self.assertNotIn("evil", answer["Location"])

    def test_a_wrong_password(self):
        self.page("/device/login")
        self.assertContains(self.page("/device/login", username="kim", password="wrong", next=""), "password is wrong")


class AdminTest(SignInCase):
    def test_lists_devices_and_signs_them_out(self):
        tokens = self.signed_in()
        self.told(tokens["access_token"])
        device = Device.objects.get()
        self.client.force_login(get_user_model().objects.create_superuser("chief"))
        page = self.client.get("/admin/devices/device/")
        self.assertContains(page, "kim")
        self.assertContains(page, "1 device")
        self.assertEqual(self.client.get(f"/admin/devices/device/{device.pk}/change/").status_code, 200)
        self.assertEqual(self.client.get("/admin/devices/device/add/").status_code, 403)
        chosen = {"action": "delete_selected", "_selected_action": [str(device.pk)], "post": "yes"}
        self.client.post("/admin/devices/device/", chosen)
        self.assertFalse(Device.objects.exists())
        self.client.logout()
        self.assertEqual(self.told(tokens["access_token"])[0], 401)
        self.assertEqual(self.refresh(tokens["refresh_token"])[1]["error"], "invalid_grant")
