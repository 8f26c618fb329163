import json
import logging
import signal
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from photos.events import take
from photos.wire import Problem

logger = logging.getLogger(__name__)
LONGEST_POLL = 20  # seconds; SQS allows no more


class Command(BaseCommand):
    help = "Receives S3's event notifications from the SQS queue S3_EVENTS_QUEUE, until it is told to stop."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="what is there now, then stop")

    def handle(self, *args, once, **options):
        if not settings.S3_EVENTS_QUEUE:
            raise CommandError("S3_EVENTS_QUEUE is not set: the URL of the queue.")
        for name in () if once else (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: sys.exit())  # at any moment: what was not done comes again
        queue = Queue(settings.S3_EVENTS_QUEUE)
        while True:
            try:
                received = queue.receive(0 if once else LONGEST_POLL)
                for message in received:
                    queue.handle(message)
                if once and not received:
                    return
            except (BotoCoreError, ClientError) as error:
                if once:
                    raise
                logger.error("the queue could not be asked: %s", type(error).__name__)
                time.sleep(LONGEST_POLL)


class Queue:
    """Delivers at least once. What is not deleted comes again, when the queue's visibility timeout is over."""

    def __init__(self, url):
        config = Config(connect_timeout=3, read_timeout=LONGEST_POLL + 10)
        # A queue lies in the region of its bucket, and elsewhere than an S3 that is not AWS.
        self.sqs = boto3.Session().client(
            "sqs", region_name=settings.S3_REGION, endpoint_url=endpoint_of(url), config=config
        )
        self.url = url

    def receive(self, seconds):
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=seconds)
        return answer.get("Messages", [])

    def handle(self, message):
        try:
            take(events_in(message["Body"]))
        except Problem:
            return  # S3 could not be asked
        except (ValueError, RecursionError):
            logger.warning("a message that is no JSON was left out")
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])


def events_in(body):
    """A message's JSON; out of its envelope where it came by way of SNS. Who may send is the queue's policy."""
    told = json.loads(body)
    through_sns = isinstance(told, dict) and told.get("Type") == "Notification" and isinstance(told.get("Message"), str)
    return json.loads(told["Message"]) if through_sns else told


def endpoint_of(url):
    """None, and boto3 knows where AWS is; else the URL's own host."""
    host = url.rpartition("://")[2].partition("/")[0]
    return None if host.endswith((".amazonaws.com", ".amazonaws.com.cn")) else url[: url.index(host) + len(host)]
