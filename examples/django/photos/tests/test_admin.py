from django.contrib.auth import get_user_model

from photos.models import Photo, Token

from .case import ApiTestCase, a_file

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>.jpg"


class AdminTest(ApiTestCase):
    def setUp(self):
        self.client.force_login(get_user_model().objects.create_superuser("chief"))

    def page(self, query="", path="photo/"):
        answer = self.client.get(f"/admin/photos/{path}{query}")
        self.assertEqual(answer.status_code, 200)
        return answer.content.decode()

    def photo(self, state="confirmed", **members):
        file = a_file(**members)
        self.presign(file)
        Photo.objects.filter(file_id=file["file_id"]).update(state=state)
        return Photo.objects.get(file_id=file["file_id"])

    def test_thumbnails_of_what_is_confirmed_and_what_browsers_show(self):
        for content_type in ("image/jpeg", "image/png"):
            self.photo(content_type=content_type)
        self.photo("signed")
        for content_type in ("image/svg+xml", "text/html", "image/x-nikon-nef", "image/heic", "IMAGE/JPEG"):
            self.photo(content_type=content_type)
        page = self.page()
        self.assertEqual(page.count("X-Amz-Signature"), 2)
        self.assertEqual(page.count("X-Amz-Expires=300"), 2)

    def test_a_name_is_never_markup(self):
        photo = self.photo(filename=HOSTILE, path=f"a/{HOSTILE}", source=HOSTILE)
        Photo.objects.update(make=HOSTILE, model=HOSTILE, captured_at=HOSTILE[:40], etag=HOSTILE)
        for page in (self.page(), self.page(path=f"photo/{photo.pk}/change/"), self.page("?q=script")):
            self.assertIn("&lt;script&gt;", page)
            self.assertNotIn("<script>alert", page)
            self.assertNotIn("<img src=x", page)
            self.assertNotIn("\"'><", page)

    def test_search_and_filters(self):
        self.photo(filename="봄.jpg", path="봄/봄.jpg")
        self.photo("signed", filename="여름.jpg", path="여름/여름.jpg")
        self.assertIn("1 photo", self.page("?q=봄"))
        self.assertNotIn("여름.jpg", self.page("?q=봄"))
        self.assertNotIn("봄.jpg", self.page("?state=signed"))

    def test_an_earlier_version_is_looked_for_among_the_owners(self):
        old = a_file(filename="first.jpg")
        self.presign(old, self.lees)
        new = self.photo(supersedes=old["file_id"])
        self.assertNotIn("first.jpg", self.page(path=f"photo/{new.pk}/change/"))
        self.presign(old)
        self.assertIn("first.jpg", self.page(path=f"photo/{new.pk}/change/"))

    def test_rows_are_not_made_or_deleted_by_hand(self):
        photo = self.photo()
        self.assertEqual(self.client.get("/admin/photos/photo/add/").status_code, 403)
        self.assertEqual(self.client.post(f"/admin/photos/photo/{photo.pk}/delete/").status_code, 403)
        self.client.post(f"/admin/photos/photo/{photo.pk}/change/", {"key": "1/other", "state": "signed"})
        self.assertEqual(Photo.objects.values_list("key", "state").get(), (photo.key, "confirmed"))

    def test_tokens_are_revoked_but_not_shown(self):
        token = Token.objects.get(user=self.kim)
        for path in ("token/", f"token/{token.pk}/change/"):
            self.assertNotIn(token.digest, self.page(path=path))
        self.client.post(f"/admin/photos/token/{token.pk}/delete/", {"post": "yes"})
        self.assertEqual(self.client.get("/api/v1/session", headers=self.bearer()).status_code, 401)

    def test_needs_a_sign_in_and_takes_no_token(self):
        self.client.logout()
        self.assertEqual(self.client.get("/admin/photos/photo/", headers=self.bearer()).status_code, 302)
