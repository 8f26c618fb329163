"""What the tests share: a photographer with a token, files to announce, and an S3 that is spoken to over HTTP."""

import base64
import hashlib
import json
import logging
import os
import uuid
from unittest import SkipTest, mock
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import TestCase, override_settings

from photos.models import Token
from photos.storage import s3

try:
    from moto.server import ThreadedMotoServer
except ImportError:
    ThreadedMotoServer = None

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
AWS = {"S3_BUCKET": "photos", "S3_REGION": "eu-central-1", "S3_ENDPOINT": None, "S3_ADDRESSING": "virtual"}
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_SESSION_TOKEN": ""}


def a_file(content=b"a photo", **members):
    """What the uploader announces of a file."""
    return {
        "file_id": str(uuid.uuid4()), "filename": "봄 🌸.jpg", "path": "Weddings/Kim/봄 🌸.jpg", "size": len(content),
        "content_type": "image/jpeg", "sha256": hashlib.sha256(content).hexdigest(),
        "modified_at": "2024-05-01T10:20:30.123456789Z", "source": "Wedding", **members,
    }  # fmt: skip


def arrived(file, key, **members):
    """What the uploader tells after S3 took the file."""
    told = {name: file[name] for name in ("file_id", "size", "sha256")}
    return {**told, "key": key, "media": {}, **members}


def policy_of(form):
    return json.loads(base64.b64decode(form["fields"]["policy"]))


def moto_server(case):
    """The URL of a server of moto's, up for the tests of a class."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    case.addClassCleanup(server.stop)
    return "http://{}:{}".format(*server.get_host_and_port())


class ApiTestCase(TestCase):
    """Signs for AWS, which asks nobody."""

    s3_settings, s3_keys = AWS, KEYS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(override_settings(**cls.s3_settings))
        cls.enterClassContext(mock.patch.dict(os.environ, cls.s3_keys))
        s3.cache_clear()
        cls.addClassCleanup(s3.cache_clear)

    @classmethod
    def setUpTestData(cls):
        cls.kim = get_user_model().objects.create_user("kim")
        cls.lee = get_user_model().objects.create_user("lee")
        cls.token, cls.lees = Token.create_for(cls.kim), Token.create_for(cls.lee)

    def bearer(self, token=None):
        return {"authorization": f"Bearer {token or self.token}"}

    def post(self, endpoint, body, token=None):
        headers = self.bearer(token)
        return self.client.post(f"/api/v1/{endpoint}", body, content_type="application/json", headers=headers)

    def ask(self, endpoint, *files, token=None):
        """The entries of the answer, in the order of the files."""
        answer = self.post(endpoint, {"files": files}, token)
        self.assertEqual(answer.status_code, 200, answer.content)
        entries = answer.json()["files"]
        self.assertEqual([entry["file_id"] for entry in entries], [file["file_id"] for file in files])
        return entries

    def presign(self, file, token=None):
        return self.ask("presign", file, token=token)[0]

    def complete(self, file, key, token=None, **members):
        return self.ask("complete", arrived(file, key, **members), token=token)[0]

    def assertRefused(self, entry, status, name):
        self.assertEqual(entry["error"]["status"], status, entry)
        self.assertEqual(entry["error"]["type"].rpartition("/")[2], name)
        self.assertNotIn("upload", entry)
        self.assertNotEqual(entry.get("confirmed"), True)


class BucketTestCase(ApiTestCase):
    """Has a bucket: in the S3 of the environment if that is on this machine, else in moto's server."""

    checks_forms = False  # moto takes any form

    @classmethod
    def setUpClass(cls):
        endpoint = settings.S3_ENDPOINT
        if endpoint and urlsplit(endpoint).hostname in LOOPBACK:
            names = ("S3_BUCKET", "S3_REGION", "S3_ENDPOINT", "S3_ADDRESSING")
            cls.s3_settings = {name: getattr(settings, name) for name in names}
            cls.s3_keys = {}
            cls.checks_forms = os.environ.get("S3_CHECKS_FORMS", "1") == "1"
            super().setUpClass()
        elif ThreadedMotoServer:
            cls.s3_settings = {
                **AWS,
                "S3_ENDPOINT": moto_server(cls),
                "S3_ADDRESSING": "path",
                "S3_REGION": "us-east-1",
            }
            super().setUpClass()
            s3().create_bucket(Bucket="photos")
        else:
            raise SkipTest("no S3: set S3_ENDPOINT to one on this machine, or install requirements-dev.txt")

    def presign(self, file, token=None):
        entry = super().presign(file, token)
        if "upload" in entry:
            self.addCleanup(self.lose, entry["upload"]["key"])
        return entry

    def send(self, form, content, **fields):
        """Posts the form as the uploader does: the fields in their order, the file last."""
        parts = [*{**form["fields"], **fields}.items(), ("file", ("봄.jpg", content, "image/jpeg"))]
        return urllib3.request("POST", form["url"], fields=parts, retries=False)

    def upload(self, file, content):
        """Presigned and sent; the key."""
        form = self.presign(file)["upload"]
        self.assertEqual(form["method"], "POST")
        answer = self.send(form, content)
        self.assertEqual(answer.status, 201, answer.data)
        return form["key"]

    def lose(self, key):
        s3().delete_object(Bucket=settings.S3_BUCKET, Key=key)
