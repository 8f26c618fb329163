import json
import uuid
from datetime import datetime, timedelta, timezone
from unittest import mock

from django.test import override_settings

from photos import upload
from photos.models import Photo
from photos.storage import s3

from .case import AWS, ApiTestCase, a_file, arrived, policy_of


class FormTest(ApiTestCase):
    def test_policy_allows_this_file_and_no_other(self):
        file = a_file(b"")
        entry = self.presign(file)
        form = entry["upload"]
        policy = policy_of(form)
        lasts = datetime.fromisoformat(policy["expiration"]) - datetime.now(timezone.utc)
        self.assertEqual((form["method"], form["expires_in"]), ("POST", 600))
        self.assertAlmostEqual(lasts, timedelta(seconds=600), delta=timedelta(seconds=5))
        signed = {name: value for c in policy["conditions"] if isinstance(c, dict) for name, value in c.items()}
        self.assertEqual([c for c in policy["conditions"] if isinstance(c, list)], [["content-length-range", 0, 0]])
        self.assertEqual(signed.pop("bucket"), "photos")
        fields = {name: value for name, value in form["fields"].items() if name not in ("policy", "x-amz-signature")}
        self.assertEqual(signed, fields)  # each field has its condition, each condition its field
        self.assertEqual(fields["key"], form["key"])
        self.assertEqual(fields["Content-Type"], "image/jpeg")
        self.assertEqual(fields["success_action_status"], "201")
        self.assertEqual(fields["x-amz-checksum-sha256"], "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
        self.assertEqual(fields["x-amz-checksum-algorithm"], "SHA256")

    def test_is_signed_v4_for_the_bucket_of_its_region(self):
        form = self.presign(a_file())["upload"]
        self.assertEqual(form["url"], "https://photos.s3.eu-central-1.amazonaws.com/")
        self.assertEqual(form["fields"]["x-amz-algorithm"], "AWS4-HMAC-SHA256")
        self.assertRegex(form["fields"]["x-amz-credential"], "^AKIAEXAMPLE/[0-9]{8}/eu-central-1/s3/aws4_request$")
        self.assertFalse({"AWSAccessKeyId", "signature"} & set(form["fields"]))
        self.assertLess(sum(len(name) + len(value) for name, value in form["fields"].items()), 20_000)
        self.assertTrue(all(isinstance(value, str) for value in form["fields"].values()))

    def test_can_address_by_path(self):
        with override_settings(S3_ENDPOINT="http://127.0.0.1:9000", S3_ADDRESSING="path"):
            s3.cache_clear()
            self.assertEqual(self.presign(a_file())["upload"]["url"], "http://127.0.0.1:9000/photos")
        s3.cache_clear()

    def test_temporary_keys_put_their_token_into_form_and_policy(self):
        with mock.patch.dict("os.environ", {"AWS_SESSION_TOKEN": "temporary"}):
            s3.cache_clear()
            form = self.presign(a_file())["upload"]
        s3.cache_clear()
        self.assertEqual(form["fields"]["x-amz-security-token"], "temporary")
        self.assertIn({"x-amz-security-token": "temporary"}, policy_of(form)["conditions"])


class RowTest(ApiTestCase):
    def test_keeps_what_was_announced(self):
        file = a_file(supersedes=str(uuid.uuid4()))
        self.presign(file)
        photo = Photo.objects.get()
        for column in ("filename", "path", "source", "size", "content_type", "sha256"):
            self.assertEqual(getattr(photo, column), file[column])
        self.assertEqual((photo.owner, str(photo.file_id), photo.state), (self.kim, file["file_id"], "signed"))
        self.assertEqual(str(photo.supersedes), file["supersedes"])
        self.assertEqual(photo.modified_at, datetime(2024, 5, 1, 10, 20, 30, 123456, tzinfo=timezone.utc))
        self.assertIsNone(photo.confirmed_at)

    def test_asked_again_gives_the_same_key_and_one_row(self):
        file = a_file()
        keys = {self.presign(file)["upload"]["key"] for _ in range(3)}
        keys.add(self.presign({**file, "filename": "other.jpg", "path": "moved/other.jpg"})["upload"]["key"])
        self.assertEqual((len(keys), Photo.objects.count()), (1, 1))
        self.assertEqual(Photo.objects.get().path, "moved/other.jpg")

    def test_a_file_that_changed_before_it_was_sent_gets_a_form_for_its_new_bytes(self):
        file = a_file(b"old")
        key = self.presign(file)["upload"]["key"]
        form = self.presign(a_file(b"newer", file_id=file["file_id"]))["upload"]
        self.assertEqual(form["key"], key)
        self.assertIn(["content-length-range", 5, 5], policy_of(form)["conditions"])
        self.assertEqual(Photo.objects.get().size, 5)

    def test_files_of_one_name_and_one_content_get_keys_of_their_own(self):
        keys = [entry["upload"]["key"] for entry in self.ask("presign", *(a_file() for _ in range(20)))]
        self.assertEqual(len(set(keys)), 20)

    def test_each_account_has_its_own_prefix_and_its_own_file_ids(self):
        file = a_file()
        kims, lees = self.presign(file)["upload"]["key"], self.presign(file, self.lees)["upload"]["key"]
        self.assertTrue(kims.startswith(f"{self.kim.pk}/") and lees.startswith(f"{self.lee.pk}/"))
        Photo.objects.filter(owner=self.kim).update(state="confirmed")
        self.assertEqual(self.presign(file, self.lees)["upload"]["method"], "POST")
        self.assertEqual(self.presign(file)["upload"]["method"], "SKIP")

    def test_confirmed_with_other_bytes_is_no_skip(self):
        file = a_file(b"old")
        self.presign(file)
        Photo.objects.update(state="confirmed")
        self.assertRefused(self.presign(a_file(b"new", file_id=file["file_id"])), 409, "other-bytes")

    def test_what_only_describes_never_refuses_a_photo(self):
        strange = [None, 7, "", "yesterday", "2024-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2024-05-01T10:20:30"]
        for modified_at in strange:
            self.assertIn("upload", self.presign(a_file(modified_at=modified_at)))
        self.assertFalse(Photo.objects.filter(modified_at__isnull=False).exists())
        self.assertIn("upload", self.presign({k: v for k, v in a_file().items() if k != "source"}))


class RefusalTest(ApiTestCase):
    def test_one_bad_file_does_not_fail_the_others(self):
        bad = [
            ({"file_id": "no-uuid"}, 422, "bad-file-id"),
            ({"file_id": str(uuid.uuid4()).upper()}, 422, "bad-file-id"),
            ({"supersedes": "no-uuid"}, 422, "bad-file-id"),
            ({"supersedes": 5}, 422, "bad-file-id"),
            ({"sha256": "A" * 64}, 422, "bad-sha256"),
            ({"sha256": None}, 422, "bad-sha256"),
            ({"size": -1}, 422, "malformed-file"),
            ({"size": "8"}, 422, "malformed-file"),
            ({"size": True}, 422, "malformed-file"),
            ({"size": 1.5}, 422, "malformed-file"),
            ({"size": 5 * 1024**3 + 1}, 413, "too-large"),
            ({"size": 10**100}, 413, "too-large"),
            ({"content_type": "text/html\r\nX: y"}, 422, "bad-content-type"),
            ({"content_type": "image/jpeg\n"}, 422, "bad-content-type"),
            ({"content_type": ""}, 422, "bad-content-type"),
            ({"path": ""}, 422, "bad-path"),
            ({"filename": ["x"]}, 422, "bad-path"),
        ]
        files = [a_file(**members) for members, _, _ in bad]
        entries = self.ask("presign", *files, a_file())
        for entry, (members, status, name) in zip(entries, bad):
            with self.subTest(members):
                self.assertRefused(entry, status, name)
        self.assertEqual(entries[-1]["upload"]["method"], "POST")
        self.assertEqual(Photo.objects.count(), 1)

    def test_a_fault_of_our_own_stands_with_its_file(self):
        real = upload.object_key

        def faulty(owner, file_id, filename):
            if filename == "bad":
                raise RuntimeError("secret detail")
            return real(owner, file_id, filename)

        with mock.patch.object(upload, "object_key", faulty), self.assertLogs("photos.wire", "ERROR"):
            bad, good = self.ask("presign", a_file(filename="bad"), a_file())
        self.assertRefused(bad, 500, "internal")
        self.assertNotIn("secret", json.dumps(bad))
        self.assertIn("upload", good)

    def test_requests_that_are_none(self):
        deep = '{"files": ' + "[" * 100_000 + "]" * 100_000 + "}"
        for body in ["", "{", "[]", "{}", "null", '{"files": {}}', '{"files": [7]}', '{"files": [{}]}', deep, b"\xff"]:
            for endpoint in ("presign", "complete"):
                with self.subTest(body[:20]):
                    answer = self.post(endpoint, body)
                    self.assertEqual(answer.status_code, 400)
                    self.assertEqual(answer["Content-Type"], "application/problem+json")

    def test_too_many_files(self):
        for endpoint, file in (("presign", a_file()), ("complete", arrived(a_file(), "k"))):
            self.assertEqual(self.post(endpoint, {"files": [file] * 51}).status_code, 413)
        self.assertEqual(Photo.objects.count(), 0)
        self.assertEqual(self.post("presign", {"files": [a_file() for _ in range(50)]}).status_code, 200)

    def test_too_large_a_request(self):
        answer = self.post("presign", {"files": [a_file(path="x" * 3_000_000)]})
        self.assertEqual((answer.status_code, answer["Content-Type"]), (413, "application/problem+json"))

    def test_fifty_files_with_the_longest_paths_are_taken(self):
        name = "\\xff" * 255
        files = [a_file(filename=name, path="/".join([name] * 16)) for _ in range(50)]
        self.assertTrue(all("upload" in entry for entry in self.ask("presign", *files)))

    def test_gives_up_before_the_uploader_does(self):
        with mock.patch("photos.wire.ANSWER_WITHIN", -1):
            self.assertRefused(self.presign(a_file()), 503, "busy")


class UnsetTest(ApiTestCase):
    s3_settings = {**AWS, "S3_BUCKET": ""}

    def test_without_a_bucket_each_file_says_so_and_waits(self):
        with self.assertLogs("photos.wire", "ERROR"):
            self.assertRefused(self.presign(a_file()), 500, "internal")
