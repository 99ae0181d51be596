"""Turkish is complete: every text that people read is in the catalogue, translated and compiled."""

import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "adminara/locale/tr/LC_MESSAGES"


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="tr")


def texts(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def context(message: Message) -> str | None:
    """Babel reads the context of a compiled message as bytes."""
    return message.context.decode() if isinstance(message.context, bytes) else message.context


@pytest.fixture(scope="module")
def turkish() -> Catalog:
    return catalogue(FOLDER / "django.po")


def test_every_text_is_translated(turkish):
    missing = [message.id for message in turkish if message.id and (message.fuzzy or not all(texts(message.string)))]
    assert missing == []


def test_placeholders_survive_the_translation(turkish):
    def placeholders(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)[sd]|%s|%d|\{\d\}", text))

    for message in turkish:
        for translated in texts(message.string) if message.id else ():
            assert placeholders(translated) in [placeholders(text) for text in texts(message.id)], message.id


def test_what_is_compiled_is_what_is_written(turkish):
    compiled = read_mo(io.BytesIO((FOLDER / "django.mo").read_bytes()))
    written = {(message.context, texts(message.id)[0]): texts(message.string) for message in turkish if message.id}
    read = {(context(message), texts(message.id)[0]): texts(message.string) for message in compiled if message.id}
    assert read == written


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="gettext is not installed")
def test_nothing_in_the_program_is_missing_from_the_catalogue(turkish, tmp_path):
    for name in ("adminara", "monitoring", "sessions_app", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "manage.py", tmp_path)
    command = [sys.executable, "manage.py", "makemessages", "--locale=tr", "--no-obsolete", "--no-location"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    collected = catalogue(tmp_path / "adminara/locale/tr/LC_MESSAGES/django.po")
    assert {message.id for message in collected} == {message.id for message in turkish}
