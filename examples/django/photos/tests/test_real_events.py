"""Events that an S3 really sends: for S3_SENDS_EVENTS=1, and Ceph RGW with rgw_enable_apis = s3, notifications."""

import os
import queue
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import skipUnless

import boto3
from django.conf import settings
from django.test import override_settings

from photos.models import Photo
from photos.storage import s3

from .case import BucketTestCase, a_file

CONTENT = b"\xff\xd8 a photo \xff\xd9"
PATIENCE = 90  # seconds; Ceph looks for new topics every 30


@skipUnless(os.environ.get("S3_SENDS_EVENTS") == "1", "this S3 sends no events")
@override_settings(S3_EVENTS=True, S3_EVENTS_SECRET="secret")
class RealEventsTest(BucketTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A bucket of its own: Ceph RGW 16 refuses uploads into a bucket whose topic is gone.
        bucket = f"events-{uuid.uuid4()}"
        cls.enterClassContext(override_settings(S3_BUCKET=bucket))
        s3().create_bucket(Bucket=bucket)
        cls.addClassCleanup(s3().delete_bucket, Bucket=bucket)
        cls.events = events = queue.Queue()

        class Webhook(BaseHTTPRequestHandler):
            def do_POST(self):
                events.put(
                    (self.path, self.rfile.read(int(self.headers["Content-Length"])), self.headers["Content-Type"])
                )
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
        cls.addClassCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.shutdown)
        sns = boto3.client("sns", endpoint_url=settings.S3_ENDPOINT, region_name="default")
        webhook = {"push-endpoint": f"http://127.0.0.1:{server.server_port}/s3-events/secret", "persistent": "true"}
        topic = sns.create_topic(Name="photos", Attributes=webhook)["TopicArn"]
        cls.addClassCleanup(sns.delete_topic, TopicArn=topic)
        names = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
        told = {"TopicConfigurations": [{"Id": "photos", "TopicArn": topic, "Events": names}]}
        s3().put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)

    def deliver(self):
        """Hands the next event on as it came; its body."""
        path, body, content_type = self.events.get(timeout=PATIENCE)
        answer = self.client.post(path, body, content_type=content_type)
        self.assertEqual(answer.status_code, 204)
        return body

    def test_a_photo_from_its_form_to_its_loss(self):
        file = a_file(CONTENT, filename="a b+c%20d&.jpg")
        key = self.upload(file, CONTENT)
        self.assertTrue(self.complete(file, key)["pending"])
        created = self.deliver()
        self.assertTrue(self.complete(file, key)["confirmed"])
        self.assertEqual(self.presign(file)["upload"]["method"], "SKIP")
        self.lose(key)
        removed = self.deliver()
        self.assertIn(b"ObjectRemoved", removed)
        self.assertRefused(self.complete(file, key), 409, "not-in-bucket")
        self.assertEqual(self.upload(file, CONTENT), key)
        self.assertTrue(self.complete(file, key)["pending"])
        for late in (removed, created):  # once more, and before the new one
            self.client.post("/s3-events/secret", late, content_type="application/json")
        self.deliver()
        self.assertTrue(self.complete(file, key)["confirmed"])

    def test_many_at_once(self):
        files = [a_file(CONTENT + bytes([n])) for n in range(20)]
        keys = [self.upload(file, CONTENT + bytes([n])) for n, file in enumerate(files)]
        while Photo.objects.filter(seen__isnull=True).exists():
            self.deliver()
        for file, key in zip(files, keys):
            self.assertTrue(self.complete(file, key)["confirmed"])
