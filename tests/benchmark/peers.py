"""The peers' environment: `.bench/` beside `.venv/`, made from requirements.txt and made again when that changes."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.benchmark.child import ROOT

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
FOLDER = ROOT / ".bench"
INSTALLED = FOLDER / "requirements.txt"  # a copy of what is installed


def python() -> str:
    """The environment's interpreter; the environment is made first where it is missing or out of date."""
    if not INSTALLED.exists() or INSTALLED.read_text() != REQUIREMENTS.read_text():
        shutil.rmtree(FOLDER, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
        pip = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=True)
        shutil.copy(REQUIREMENTS, INSTALLED)
    return str(FOLDER / "bin" / "python")


def versions() -> list[str]:
    """The peers as pinned, such as "django-silk 5.6.0"."""
    lines = REQUIREMENTS.read_text().splitlines()
    return [line.replace("==", " ") for line in lines if line and not line.startswith("#")]
