import json
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from unittest import mock, skipUnless
from urllib.parse import quote_plus

import boto3
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from photos.models import Photo
from photos.storage import look_up, s3
from photos.wire import Problem

from .case import ApiTestCase, BucketTestCase, ThreadedMotoServer, a_file, moto_server

CONTENT = b"\xff\xd8 a photo \xff\xd9"
SECRET = "a long random word"
PENDING = {"confirmed": False, "pending": True, "ask_again_in": 5}


def event(key, sequencer="0055AED6DCD90281E5", name="ObjectCreated:Post", bucket=None):
    """As AWS writes it: the key as in a form, blanks as +."""
    s3_object = {"key": quote_plus(key, safe="/"), "size": len(CONTENT), "eTag": "0", "sequencer": sequencer}
    told = {"s3SchemaVersion": "1.0", "bucket": {"name": bucket or settings.S3_BUCKET}, "object": s3_object}
    return {"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": name, "s3": told}


@override_settings(S3_EVENTS=True, S3_EVENTS_SECRET=SECRET)
class EventsTest(BucketTestCase):
    def tell(self, *events, status=204, **headers):
        headers = {"authorization": f"Bearer {SECRET}", **headers}
        answer = self.client.post("/s3-events", {"Records": events}, content_type="application/json", headers=headers)
        self.assertEqual(answer.status_code, status)

    def uploaded(self, **members):
        file = a_file(CONTENT, **members)
        return file, self.upload(file, CONTENT)

    @contextmanager
    def s3_is_not_asked(self):
        with mock.patch("photos.events.look_up") as by_events, mock.patch("photos.upload.look_up") as by_complete:
            yield
        self.assertFalse(by_events.called or by_complete.called)

    def assertPending(self, file, key):
        self.assertEqual(self.complete(file, key), {"file_id": file["file_id"], **PENDING})

    def test_an_event_after_complete(self):
        file, key = self.uploaded()
        with self.s3_is_not_asked():
            self.assertPending(file, key)
            self.assertPending(file, key)
        photo = Photo.objects.get()
        self.assertEqual((photo.state, photo.seen, photo.confirmed_at), ("signed", None, None))
        self.assertIsNotNone(photo.asked_at)
        self.tell(event(key))
        with self.s3_is_not_asked():
            answer = self.complete(file, key, media={"make": "NIKON"})
        self.assertEqual(answer, {"file_id": file["file_id"], "confirmed": True})
        photo = Photo.objects.get()
        self.assertEqual((photo.state, photo.make, photo.asked_at), ("confirmed", "NIKON", None))
        self.assertTrue(photo.etag)
        self.assertEqual(self.presign(file)["upload"]["method"], "SKIP")
        self.assertTrue(self.complete(file, key)["confirmed"])

    def test_an_event_before_complete(self):
        file, key = self.uploaded()
        self.tell(event(key))
        self.assertEqual(Photo.objects.get().state, "signed")  # complete was not called yet
        self.assertTrue(self.complete(file, key)["confirmed"])

    def test_keys_are_found_as_aws_and_as_ceph_write_them(self):
        file, key = self.uploaded(filename="a b+c%20d&.jpg")
        ceph = event(key)
        ceph["s3"]["object"]["key"] = key
        for told in (event(key), ceph):
            Photo.objects.update(seen=None)
            self.tell(told)
            self.assertIsNotNone(Photo.objects.get().seen)

    def test_the_same_event_twice_asks_s3_once(self):
        _, key = self.uploaded()
        with mock.patch("photos.events.look_up", wraps=look_up) as asked:
            for _ in range(3):
                self.tell(event(key), event(key))
        self.assertEqual(asked.call_count, 1)

    def test_events_in_any_order_end_with_what_is_there(self):
        created, removed = {"sequencer": "B5663D39"}, {"sequencer": "04B98A39", "name": "ObjectRemoved:Delete"}
        for order in ((created, removed), (removed, created)):
            file, key = self.uploaded()
            self.lose(key)
            for members in order:
                self.tell(event(key, **members))
            self.assertRefused(self.complete(file, key), 409, "not-in-bucket")
            self.assertEqual(self.upload(file, CONTENT), key)
            for members in order:  # late ones
                self.tell(event(key, **members))
            self.assertTrue(self.complete(file, key)["confirmed"])

    def test_what_is_removed_after_it_was_confirmed_is_sent_again(self):
        file, key = self.uploaded()
        self.tell(event(key))
        self.complete(file, key)
        self.tell(event(key, "1"))  # nothing changed
        self.assertEqual(self.presign(file)["upload"]["method"], "SKIP")
        self.lose(key)
        self.tell(event(key, "2", "ObjectRemoved:Delete"))
        self.assertRefused(self.complete(file, key), 409, "not-in-bucket")
        self.assertEqual(self.upload(file, CONTENT), key)
        self.assertPending(file, key)  # the old word does not count for the new bytes
        self.tell(event(key, "3"))
        self.assertTrue(self.complete(file, key)["confirmed"])

    def test_other_bytes_are_refused_until_the_right_ones_come(self):
        file = a_file(CONTENT)
        key = self.presign(file)["upload"]["key"]
        s3().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=CONTENT + b"!")
        self.tell(event(key, "1", "ObjectCreated:Put"))
        for _ in range(3):  # as often as the uploader asks
            self.assertRefused(self.complete(file, key), 409, "not-in-bucket")
        self.upload(file, CONTENT)
        self.assertPending(file, key)
        self.tell(event(key, "2"))
        if "ChecksumSHA256" not in look_up(key):  # Ceph RGW 16 keeps none: then by the ETag that the uploader was given
            self.assertRefused(self.complete(file, key, etag="of other bytes"), 409, "not-in-bucket")
        self.assertTrue(self.complete(file, key)["confirmed"])

    def test_what_was_confirmed_before_there_were_events(self):
        file, key = self.uploaded()
        with override_settings(S3_EVENTS=False):
            self.complete(file, key)
        self.assertTrue(self.complete(file, key)["confirmed"])
        self.lose(key)
        self.assertRefused(self.complete(file, key), 409, "not-in-bucket")

    def test_what_is_not_ours_is_left_out_with_a_word(self):
        file, key = self.uploaded()
        with self.assertLogs("photos.events", "INFO") as logs:
            self.tell(event("1/other\n.jpg"), event(key, bucket="another"), {"eventName": 7}, "text", event(key)["s3"])
        self.assertEqual(len(logs.output), 5)
        self.assertNotIn("\n", logs.output[0])
        self.assertPending(file, key)
        test_event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "photos"}
        for body in (test_event, {"Records": {}}, [], "text", None):
            headers = {"authorization": f"Bearer {SECRET}"}
            answer = self.client.post("/s3-events", json.dumps(body), content_type="application/json", headers=headers)
            self.assertEqual(answer.status_code, 204, body)
        self.tell(event(key, name="ObjectTagging:Put"))
        self.assertPending(file, key)

    def test_who_may_tell(self):
        _, key = self.uploaded()
        for headers in (
            {"authorization": "Bearer wrong"},
            {"authorization": ""},
            self.bearer(),
            {"authorization": "봄"},
        ):
            self.tell(event(key), status=403, **headers)
        self.assertIsNone(Photo.objects.get().seen)
        self.tell(event(key), authorization=SECRET)
        self.assertIsNotNone(Photo.objects.get().seen)
        body = {"Records": [event(key)]}
        for path, status in (("wrong", 403), ("", 404), (SECRET, 204)):
            answer = self.client.post(f"/s3-events/{path}", body, content_type="application/json")
            self.assertEqual(answer.status_code, status, path)
        with override_settings(S3_EVENTS_SECRET=""):
            self.tell(event(key), status=403, authorization="")
        self.assertEqual(self.client.get("/s3-events").status_code, 405)

    def test_what_is_no_json(self):
        for body in ("", "{", b"\xff", "[" * 100_000 + "]" * 100_000):
            headers = {"authorization": f"Bearer {SECRET}"}
            answer = self.client.post("/s3-events", body, content_type="application/json", headers=headers)
            self.assertEqual(answer.status_code, 400)

    def test_s3_that_can_not_be_asked_sends_it_again(self):
        file, key = self.uploaded()
        with mock.patch("photos.events.look_up", side_effect=Problem(503, "storage", "x")):
            self.tell(event(key), status=503)
        self.assertPending(file, key)
        self.tell(event(key))
        self.assertTrue(self.complete(file, key)["confirmed"])

    def test_of_two_that_look_at_once_the_later_look_counts(self):
        _, key = self.uploaded()

        def meanwhile(name):
            """The first one asks before the object is lost; before it writes, the second has seen that it is gone."""
            found = look_up(name)
            if slow.call_count == 1:
                self.lose(key)
                with mock.patch("photos.events.look_up", wraps=look_up):
                    self.tell(event(key, "2", "ObjectRemoved:Delete"))
            return found

        with mock.patch("photos.events.look_up", side_effect=meanwhile) as slow:
            self.tell(event(key, "1"))
        self.assertEqual(Photo.objects.get().seen, {})

    def test_events_that_never_come_are_made_up_for(self):
        file, key = self.uploaded()
        lost = a_file(CONTENT)
        nowhere = self.presign(lost)["upload"]["key"]
        for each in ((file, key), (lost, nowhere)):
            self.assertPending(*each)
        self.assertEqual(self.look_for_overdue(), "0 looked at")
        Photo.objects.update(asked_at=timezone.now() - timedelta(minutes=11))
        with mock.patch("photos.events.look_up", side_effect=Problem(503, "storage", "x")):
            with self.assertRaisesMessage(CommandError, "could not be asked"):
                self.look_for_overdue()
        self.assertEqual(self.look_for_overdue(), "2 looked at")
        self.assertEqual(self.look_for_overdue(), "0 looked at")
        self.assertTrue(self.complete(file, key)["confirmed"])
        self.assertRefused(self.complete(lost, nowhere), 409, "not-in-bucket")

    def look_for_overdue(self):
        out = StringIO()
        call_command("look_for_overdue", stdout=out)
        return out.getvalue().strip()


@skipUnless(ThreadedMotoServer, "no SQS: install requirements-dev.txt")
@override_settings(S3_EVENTS=True)
class QueueTest(BucketTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        cls.sqs = boto3.client("sqs", endpoint_url=moto_server(cls), region_name="us-east-1", **keys)

    def setUp(self):
        self.url = self.sqs.create_queue(QueueName="events", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
        self.addCleanup(self.sqs.delete_queue, QueueUrl=self.url)
        self.enterContext(override_settings(S3_EVENTS_QUEUE=self.url))
        self.file = a_file(CONTENT)
        self.key = self.upload(self.file, CONTENT)

    def put(self, body):
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body if isinstance(body, str) else json.dumps(body))

    def left(self):
        told = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(told["Attributes"]["ApproximateNumberOfMessages"])

    def test_receives_directly_and_by_way_of_sns(self):
        message = {"Records": [event(self.key)]}
        for body in (message, {"Type": "Notification", "Message": json.dumps(message), "TopicArn": "arn:aws:sns:…"}):
            Photo.objects.update(seen=None, state="signed")
            self.put(body)
            self.assertTrue(self.complete(self.file, self.key)["pending"])
            call_command("receive_s3_events", once=True)
            self.assertTrue(self.complete(self.file, self.key)["confirmed"])
            self.assertEqual(self.left(), 0)

    def test_a_bad_message_stops_nothing(self):
        for body in ("no JSON", {"Type": "Notification", "Message": "{"}, {"Records": [event("1/unknown")]}):
            self.put(body)
        self.put({"Records": [event(self.key)]})
        with self.assertLogs("photos", "INFO"):
            call_command("receive_s3_events", once=True)
        self.assertEqual(self.left(), 0)
        self.assertTrue(self.complete(self.file, self.key)["confirmed"])

    def test_what_could_not_be_done_stays_in_the_queue(self):
        self.put({"Records": [event(self.key)]})
        trouble = [Problem(503, "storage", "x"), mock.DEFAULT]
        with mock.patch("photos.events.look_up", wraps=look_up, side_effect=trouble) as asked:
            call_command("receive_s3_events", once=True)
        self.assertEqual(asked.call_count, 2)
        self.assertEqual(self.left(), 0)
        self.assertTrue(self.complete(self.file, self.key)["confirmed"])


class UnsetQueueTest(ApiTestCase):
    @override_settings(S3_EVENTS_QUEUE="")
    def test_says_what_is_missing(self):
        with self.assertRaisesMessage(CommandError, "S3_EVENTS_QUEUE"):
            call_command("receive_s3_events", once=True)
