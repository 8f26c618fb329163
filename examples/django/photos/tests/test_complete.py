import datetime
import hashlib
from unittest import mock

import urllib3
from botocore.exceptions import ClientError
from django.conf import settings

from photos.models import Photo
from photos.storage import link_to, look_up, s3

from .case import ApiTestCase, BucketTestCase, a_file, arrived

CONTENT = b"\xff\xd8 a photo \xff\xd9"
MEDIA = {
    "captured_at": "2024-05-01T00:20:30+09:00", "make": "NIKON CORPORATION", "model": "NIKON Z 8",
    "lens": "NIKKOR Z 50mm f/1.8 S", "width": 8256, "height": 5504, "orientation": 6,
    "gps": {"latitude": 37.5665, "longitude": 126.978, "altitude": 38.0},
}  # fmt: skip


class CompleteTest(BucketTestCase):
    def test_confirms_what_is_in_the_bucket(self):
        file = a_file(CONTENT)
        key = self.upload(file, CONTENT)
        self.assertEqual(self.complete(file, key, media=MEDIA), {"file_id": file["file_id"], "confirmed": True})
        photo = Photo.objects.get()
        self.assertEqual(photo.state, "confirmed")
        self.assertIsNotNone(photo.confirmed_at)
        self.assertTrue(photo.etag)
        self.assertEqual(photo.captured_at, MEDIA["captured_at"])
        self.assertEqual(photo.captured_on, datetime.date(2024, 5, 1))  # the day in Seoul, not in UTC
        for column in ("make", "model", "lens", "width", "height", "orientation"):
            self.assertEqual(getattr(photo, column), MEDIA[column])
        self.assertEqual((photo.latitude, photo.longitude, photo.altitude), (37.5665, 126.978, 38.0))
        stored = s3().get_object(Bucket=settings.S3_BUCKET, Key=key)
        self.assertEqual((stored["Body"].read(), stored["ContentType"]), (CONTENT, "image/jpeg"))

    def test_an_empty_file(self):
        file = a_file(b"")
        self.assertTrue(self.complete(file, self.upload(file, b""))["confirmed"])

    def test_twice_confirms_once(self):
        file = a_file(CONTENT)
        key = self.upload(file, CONTENT)
        self.complete(file, key)
        first = Photo.objects.get().confirmed_at
        self.assertTrue(self.complete(file, key)["confirmed"])
        self.assertEqual(Photo.objects.get().confirmed_at, first)

    def test_presigned_again_after_that_is_a_skip_which_completes(self):
        file = a_file(CONTENT)
        key = self.upload(file, CONTENT)
        self.complete(file, key)
        self.assertEqual(self.presign(file)["upload"], {"method": "SKIP", "key": key})
        self.assertTrue(self.complete(file, key)["confirmed"])

    def test_what_is_not_there_is_not_confirmed(self):
        file = a_file(CONTENT)
        key = self.presign(file)["upload"]["key"]
        self.assertRefused(self.complete(file, key), 409, "not-in-bucket")
        self.assertEqual(Photo.objects.get().state, "signed")

    def test_what_was_lost_is_sent_again(self):
        file = a_file(CONTENT)
        key = self.upload(file, CONTENT)
        self.complete(file, key)
        self.lose(key)
        self.assertRefused(self.complete(file, key), 409, "not-in-bucket")
        self.assertEqual(self.upload(file, CONTENT), key)
        self.assertTrue(self.complete(file, key)["confirmed"])

    def test_other_bytes_in_the_bucket_are_not_confirmed(self):
        file = a_file(CONTENT)
        key = self.presign(file)["upload"]["key"]
        s3().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=CONTENT + b"!")
        self.assertRefused(self.complete(file, key), 409, "not-in-bucket")
        other = b"x" * len(CONTENT)
        s3().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=other, ChecksumAlgorithm="SHA256")
        if "ChecksumSHA256" in look_up(key):  # Ceph RGW 16 keeps none
            self.assertRefused(self.complete(file, key), 409, "not-in-bucket")
        s3().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=other)
        etag = hashlib.md5(CONTENT).hexdigest()  # what S3 told the client
        self.assertRefused(self.complete(file, key, etag=etag), 409, "not-in-bucket")

    def test_bytes_that_were_replaced_after_they_were_confirmed_are_sent_again(self):
        file = a_file(CONTENT)
        key = self.upload(file, CONTENT)
        self.complete(file, key)
        s3().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=b"x" * len(CONTENT))
        self.assertEqual(self.presign(file)["upload"]["method"], "SKIP")
        self.assertRefused(self.complete(file, key), 409, "not-in-bucket")
        self.assertTrue(self.complete(file, self.upload(file, CONTENT))["confirmed"])

    def test_the_client_must_mean_the_same_bytes(self):
        file = a_file(CONTENT)
        key = self.upload(file, CONTENT)
        changed = a_file(CONTENT + b"!", file_id=file["file_id"])
        self.assertRefused(self.complete(changed, key), 409, "other-bytes")
        self.assertRefused(self.complete(file, key + "x"), 422, "other-key")
        self.assertRefused(self.complete(file, None), 422, "other-key")
        self.assertEqual(Photo.objects.get().state, "signed")

    def test_anothers_file_is_as_unknown_as_none(self):
        file = a_file(CONTENT)
        key = self.upload(file, CONTENT)
        self.assertTrue(self.complete(file, key)["confirmed"])
        theirs = self.complete(file, key, token=self.lees, media={"make": "mine now"})
        unknown = self.complete(a_file(CONTENT), key, token=self.lees)
        self.assertRefused(theirs, 404, "unknown-file")
        self.assertEqual(theirs["error"], unknown["error"])
        self.assertEqual(Photo.objects.get().make, "")
        own = self.presign(file, self.lees)["upload"]["key"]
        self.assertRefused(self.complete(file, key, token=self.lees), 422, "other-key")
        self.assertRefused(self.complete(file, own, token=self.lees), 409, "not-in-bucket")

    def test_one_bad_file_does_not_fail_the_others(self):
        file = a_file(CONTENT)
        key = self.upload(file, CONTENT)
        bad, good, unknown = self.ask(
            "complete", {**arrived(file, key), "file_id": "no-uuid"}, arrived(file, key), arrived(a_file(), key)
        )
        self.assertRefused(bad, 422, "bad-file-id")
        self.assertTrue(good["confirmed"])
        self.assertRefused(unknown, 404, "unknown-file")

    def test_media_that_can_not_be_read_is_left_out(self):
        file = a_file(CONTENT)
        key = self.upload(file, CONTENT)
        local = {"captured_at": "2024-05-01T10:20:30", "make": "x" * 999, "model": "a\0b"}
        self.assertTrue(self.complete(file, key, media=local)["confirmed"])
        photo = Photo.objects.get()
        self.assertEqual((photo.captured_at, len(photo.make), photo.model), (local["captured_at"], 255, "a\ufffdb"))
        strange = {
            "captured_at": "last spring", "make": 7, "lens": None, "width": -1, "height": 10**30, "orientation": 9,
            "duration_ms": True, "gps": {"latitude": 91, "longitude": float("nan"), "altitude": "high"},
        }  # fmt: skip
        for media in (strange, None, [], "text", {"gps": []}, {"captured_at": "9999-12-31T23:59:59-14:00"}):
            self.assertTrue(self.complete(file, key, media=media)["confirmed"])
            photo = Photo.objects.get()
            self.assertEqual((photo.captured_at, photo.make, photo.latitude, photo.width), ("", "", None, None))

    def test_a_link_shows_the_photo_and_nothing_does_without_it(self):
        file = a_file(CONTENT)
        link = link_to(self.upload(file, CONTENT), 60)
        self.assertEqual(urllib3.request("GET", link).data, CONTENT)
        if self.checks_forms:
            self.assertEqual(urllib3.request("GET", link.partition("?")[0]).status, 403)

    def test_the_bucket_refuses_other_bytes_than_were_announced(self):
        if not self.checks_forms:
            self.skipTest("this S3 takes any form")
        form = self.presign(a_file(CONTENT))["upload"]
        longer, other_type = CONTENT + b"!", {"Content-Type": "text/html"}
        self.assertEqual(self.send(form, longer).status, 400)
        self.assertEqual(self.send(form, CONTENT[:-1]).status, 400)
        self.assertIn(self.send(form, CONTENT, **other_type).status, (400, 403))
        self.assertIn(self.send(form, CONTENT, key="1/other").status, (400, 403))
        self.assertEqual(self.send(form, CONTENT, extra="field").status, 403)
        self.assertEqual(self.send(form, CONTENT).status, 201)


class StorageTroubleTest(ApiTestCase):
    """S3 that can't be asked is no proof that a file is missing: the confirmation alone is repeated."""

    s3_settings = {"S3_BUCKET": "photos", "S3_ENDPOINT": "http://127.0.0.1:9", "S3_ADDRESSING": "path"}

    def test_no_answer(self):
        file = a_file()
        key = self.presign(file)["upload"]["key"]
        Photo.objects.update(state="confirmed")
        with self.assertLogs("photos.storage", "ERROR"):
            self.assertRefused(self.complete(file, key), 503, "storage")
        self.assertEqual(Photo.objects.get().state, "confirmed")

    def test_an_answer_that_tells_nothing(self):
        file = a_file()
        key = self.presign(file)["upload"]["key"]
        denied = ClientError({"ResponseMetadata": {"HTTPStatusCode": 403}, "Error": {"Code": "403"}}, "HeadObject")
        with mock.patch.object(s3(), "head_object", side_effect=denied), self.assertLogs("photos.storage") as logs:
            self.assertRefused(self.complete(file, key), 503, "storage")
        self.assertIn("s3:ListBucket", logs.output[0])
