"""The signing key of an installation that was given none: made once, kept in the data folder, for its owner only."""

import contextlib
import os
import secrets
from pathlib import Path


def load_or_create(path: Path) -> str:
    """Return the key at `path`, made first when there is none; processes that start at once agree on one."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
