import re
import unicodedata

from django.conf import settings

# Together with the owner and the id this stays within 255 bytes, of 1024 that S3 takes.
LONGEST_NAME = 190
# Turning the reading direction around makes "gpj.exe" look like "exe.jpg".
TURNS_AROUND = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def object_key(owner, file_id, filename):
    """`{owner}/{file_id}/{name}`: the id makes it unique, the name is for people who look into the bucket."""
    name = "".join("_" if is_harmful(c) else c for c in filename)
    # S3 itself replaces `${filename}` in the key of a form.
    name = name.replace("..", "_").replace("${", "_{")
    if settings.S3_ASCII_KEYS:
        name = re.sub(r"[^\x20-\x7e]", "_", name)
    name = name.encode()[-LONGEST_NAME:].decode(errors="ignore")  # the end, for ".jpg"; never half a character
    return f"{owner.pk}/{file_id}/{'_' if name in ('', '.') else name}"


def is_harmful(c):
    return c in "/\\" or c in TURNS_AROUND or unicodedata.category(c) in ("Cc", "Cn", "Cs", "Zl", "Zp")
