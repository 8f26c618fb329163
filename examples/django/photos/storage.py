import logging
from base64 import b64encode
from functools import cache

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from .wire import Problem

logger = logging.getLogger(__name__)


@cache
def s3():
    """The client. Signing asks nobody; only `look_up` sends a request."""
    return boto3.Session().client(  # a session of its own: the default one must not be used by two threads at once
        "s3",
        region_name=settings.S3_REGION,
        endpoint_url=settings.S3_ENDPOINT,
        config=Config(
            # Without it boto3 signs SigV2 in older regions, which newer buckets refuse.
            signature_version="s3v4",
            # "virtual" together with the region names the bucket's own endpoint, not the global one that redirects.
            s3={"addressing_style": settings.S3_ADDRESSING},
            # The uploader waits 30 seconds for an answer about up to 50 files.
            connect_timeout=3,
            read_timeout=5,
            retries={"total_max_attempts": 1},
            # S3 servers other than AWS don't know the checksums that boto3 asks for by itself.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def look_up(key):
    """What S3 says of an object; None: it is not there."""
    try:
        return s3().head_object(Bucket=settings.S3_BUCKET, Key=key, ChecksumMode="ENABLED")
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == 404:
            return None
        # AWS says 403 for what is not there to a key without s3:ListBucket.
        logger.error("S3 answered HEAD with %s: are s3:GetObject and s3:ListBucket allowed, is the clock right?", status)
    except BotoCoreError as error:
        logger.error("S3 could not be asked: %s", type(error).__name__)
    raise Problem(503, "storage", "The storage could not be asked", "This is tried again.")


def is_same(photo, seen, etag):
    if seen["ContentLength"] != photo.size:
        return False
    if "ChecksumSHA256" in seen:
        return seen["ChecksumSHA256"] == base64_of(photo.sha256)
    known = etag or photo.etag  # as S3 told the client of the bytes it sent, or us of those we confirmed
    return not known or known == seen["ETag"].strip('"')


def base64_of(sha256):
    return b64encode(bytes.fromhex(sha256)).decode()


def link_to(key, seconds):
    """A URL that shows an object to whoever has it, for a short while."""
    parameters = {"Bucket": settings.S3_BUCKET, "Key": key}
    return s3().generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)
