from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from photos.events import look
from photos.models import Photo
from photos.wire import Problem


class Command(BaseCommand):
    help = "Asks S3 about photos that the uploader waits for and no event came for. Run it every few minutes."

    def add_arguments(self, parser):
        parser.add_argument("--minutes", type=int, default=10, help="how long they have been waited for; 10")

    def handle(self, *args, minutes, **options):
        since = timezone.now() - timedelta(minutes=minutes)
        keys = list(Photo.objects.filter(seen__isnull=True, asked_at__lt=since).values_list("key", flat=True))
        try:
            for key in keys:
                look({key})
        except Problem:
            raise CommandError("S3 could not be asked; run it again.") from None
        self.stdout.write(f"{len(keys)} looked at")
