"""docs/connect-django.md repeats the code: here it is held against it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import skipUnless

from django.conf import settings
from django.test import SimpleTestCase

GUIDE = Path(settings.BASE_DIR) / "../../docs/connect-django.md"
BLOCK = re.compile(r"^\*\*`([^`]+)`\*\*(, a part)?\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@skipUnless(GUIDE.exists(), "the guide is not beside this project")
class GuideTest(SimpleTestCase):
    def setUp(self):
        self.guide = GUIDE.read_text()
        self.blocks = BLOCK.findall(self.guide)

    def test_its_code_is_this_code(self):
        self.assertEqual(self.guide.count("```python\n"), len(self.blocks))
        for name, part, code in self.blocks:
            with self.subTest(name):
                file = (settings.BASE_DIR / name).read_text()
                self.assertTrue(code in file if part else code == file, f"docs/connect-django.md differs from {name}")

    def test_it_pins_what_we_pin(self):
        pins = (settings.BASE_DIR / "requirements.txt").read_text().split()
        self.assertIn(f"pip install {' '.join(pins)}\n", self.guide)

    def test_its_code_alone_makes_a_project(self):
        with TemporaryDirectory() as folder:
            environment = {**os.environ, "S3_BUCKET": "photos"}
            environment.pop("DJANGO_SETTINGS_MODULE", None)
            environment.pop("DJANGO_SQLITE", None)

            def run(*command):
                command = [sys.executable, *command]
                done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                return done.stdout

            run("-m", "django", "startproject", "studio", ".")
            run("manage.py", "startapp", "photos")
            (Path(folder) / "photos/management/commands").mkdir(parents=True)
            self.assertIn("/examples/django/devices .\n", self.guide)
            shutil.copytree(settings.BASE_DIR / "devices", Path(folder) / "devices")
            for name, part, code in self.blocks:
                file = Path(folder) / name
                file.write_text(f"import os\n{file.read_text()}\nINSTALLED_APPS += ['photos', 'devices']\n{code}" if part else code)
            run("manage.py", "makemigrations", "photos")
            run("manage.py", "migrate")
            run("manage.py", "createsuperuser", "--noinput", "--username", "kim", "--email", "kim@studio.example")
            token = run("manage.py", "create_token", "kim").strip()
            ask = (
                f"from django.test import Client; headers = {{'authorization': 'Bearer {token}'}}; "
                "c = Client(SERVER_NAME='localhost'); told = c.get('/api/v1/session', headers=headers).json(); "
                "print(told['account'], told['sign_in']['device']['token_endpoint'], c.get('/device/login').status_code)"
            )
            said = run("manage.py", "shell", "-c", ask).splitlines()
            self.assertIn("kim http://localhost/oauth/token 200", said)
