import unicodedata
import uuid

from django.test import SimpleTestCase, override_settings

from photos.keys import object_key

from .case import ApiTestCase, a_file, policy_of

ID = uuid.UUID("01900000-0000-7000-8000-0000000000ab")
HOSTILE = {
    "a.jpg": "a.jpg",
    "봄 🌸.jpg": "봄 🌸.jpg",
    "../../etc/passwd": "____etc_passwd",
    "..": "_",
    ".": "_",
    "a\\..\\b.jpg": "a___b.jpg",
    "a\r\nb\0.jpg": "a__b_.jpg",
    "${filename}.jpg": "_{filename}.jpg",
    "x\u202egpj.exe": "x_gpj.exe",
    "line\u2028line": "line_line",
    '"><script>.jpg': '"><script>.jpg',
    "\ud800.jpg": "_.jpg",
}


class Owner:
    pk = 2**63 - 1


@override_settings(S3_ASCII_KEYS=False)
class KeyTest(SimpleTestCase):
    def test_names_that_mean_harm(self):
        for filename, name in HOSTILE.items():
            with self.subTest(filename.encode(errors="replace")):
                self.assertEqual(object_key(Owner, ID, filename), f"{Owner.pk}/{ID}/{name}")

    def test_long_names_keep_their_ending_and_whole_characters(self):
        for length in range(60, 1000, 7):
            key = object_key(Owner, ID, "봄🌸" * length + ".jpg")
            self.assertLessEqual(len(key.encode()), 255)
            self.assertTrue(key.endswith("🌸.jpg"))

    def test_every_character_gives_a_key_that_is_safe(self):
        for code in range(0x30000):
            name = object_key(Owner, ID, chr(code)).rpartition("/")[2]
            self.assertTrue(name and name != "." and unicodedata.category(name) not in ("Cc", "Cs"), code)

    @override_settings(S3_ASCII_KEYS=True)
    def test_keys_can_be_ascii(self):
        self.assertEqual(object_key(Owner, ID, "봄.jpg"), f"{Owner.pk}/{ID}/_.jpg")


class HostileNameTest(ApiTestCase):
    def test_they_are_signed_for_under_their_safe_key(self):
        for filename in HOSTILE:
            form = self.presign(a_file(filename=filename, path="../" + filename))["upload"]
            self.assertNotRegex(form["key"], r"[\x00-\x1f\\\u2028\u202e\ud800]|\.\.|\$\{|/.*/.*/|/$")
            self.assertIn({"key": form["key"]}, policy_of(form)["conditions"])
