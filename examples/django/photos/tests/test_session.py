from io import StringIO

from django.core.management import CommandError, call_command
from django.utils.dateparse import parse_datetime

from photos.models import Token

from .case import ApiTestCase


class SessionTest(ApiTestCase):
    def ask_session(self, authorization):
        return self.client.get("/api/v1/session", headers={"authorization": authorization} if authorization else {})

    def test_tells_who_is_signed_in_and_what_is_taken(self):
        answer = self.ask_session(f"Bearer {self.token}")
        self.assertEqual(answer.status_code, 200)
        told = answer.json()
        self.assertEqual((told["account"], told["protocol"]), ("kim", 1))
        self.assertEqual(told["limits"], {"files_per_request": 50, "max_file_size": 5 * 1024**3})
        self.assertIsNotNone(parse_datetime(told["server_time"]).tzinfo)

    def test_each_token_names_its_own_account(self):
        self.assertEqual(self.ask_session(f"bearer {self.lees}").json()["account"], "lee")

    def test_refuses_what_is_no_token(self):
        others = ["", "Bearer", "Bearer ", "Bearer wrong", f"Token {self.token}", self.token, f"Bearer {self.token}x",
                  f"Bearer {Token.digest_of(self.token)}", "Bearer \udcff", "Bearer 봄"]  # fmt: skip
        for authorization in others:
            with self.subTest(authorization):
                answer = self.ask_session(authorization)
                self.assertEqual(answer.status_code, 401)
                self.assertEqual(answer["Content-Type"], "application/problem+json")
                self.assertEqual(answer["WWW-Authenticate"], "Bearer")
                self.assertEqual(answer.json()["status"], 401)

    def test_refuses_a_revoked_token_and_a_person_who_left(self):
        Token.objects.filter(user=self.lee).delete()
        self.assertEqual(self.ask_session(f"Bearer {self.lees}").status_code, 401)
        type(self.kim).objects.filter(pk=self.kim.pk).update(is_active=False)
        self.assertEqual(self.ask_session(f"Bearer {self.token}").status_code, 401)

    def test_a_browser_that_is_signed_in_is_not_taken_for_the_uploader(self):
        self.client.force_login(self.kim)
        for endpoint in ("presign", "complete"):
            answer = self.client.post(f"/api/v1/{endpoint}", {"files": []}, content_type="application/json")
            self.assertEqual(answer.status_code, 401)

    def test_urls_are_exact(self):
        for endpoint, method in {"session": "get", "presign": "post", "complete": "post"}.items():
            ask = getattr(self.client, method)
            body = {} if method == "get" else {"data": '{"files": []}', "content_type": "application/json"}
            self.assertEqual(ask(f"/api/v1/{endpoint}", headers=self.bearer(), **body).status_code, 200)
            self.assertEqual(ask(f"/api/v1/{endpoint}/", headers=self.bearer(), **body).status_code, 404)

    def test_other_methods_are_refused(self):
        self.assertEqual(self.client.post("/api/v1/session", headers=self.bearer()).status_code, 405)
        answer = self.client.get("/api/v1/presign", headers=self.bearer())
        self.assertEqual((answer.status_code, answer["Allow"]), (405, "POST"))

    def test_create_token_prints_it_once_and_keeps_a_digest(self):
        out = StringIO()
        call_command("create_token", "kim", label="the studio's laptop", stdout=out)
        token = out.getvalue().strip()
        self.assertEqual(self.ask_session(f"Bearer {token}").json()["account"], "kim")
        row = Token.objects.get(label="the studio's laptop")
        self.assertNotIn(token, [str(value) for value in vars(row).values()])
        with self.assertRaisesMessage(CommandError, "no user nobody"):
            call_command("create_token", "nobody")
