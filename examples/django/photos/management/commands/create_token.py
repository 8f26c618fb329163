from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from photos.models import Token


class Command(BaseCommand):
    help = "Makes a token that the uploader signs in with, and prints it this once."

    def add_arguments(self, parser):
        parser.add_argument("user")
        parser.add_argument("--label", default="", help="which machine it is for, to tell it from others in the admin")

    def handle(self, *args, user, label, **options):
        users = get_user_model()
        try:
            owner = users.objects.get_by_natural_key(user)
        except users.DoesNotExist:
            raise CommandError(f"There is no user {user}; make one with createsuperuser or in the admin.") from None
        self.stdout.write(Token.create_for(owner, label))
