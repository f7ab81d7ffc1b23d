"""The composition root: the only room that names concrete classes of every other.

import bootstrap

app = bootstrap.open()        # settings from the environment and retailxai.toml
app.status()
app.close()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bootstrap.application import Application
    from settings import Settings
    from storage.leases import Kind


def open(settings: Settings | None = None, *, kind: Kind = "command") -> Application:  # noqa: A001
    """Everything, put together; see `bootstrap.application`. Imported when called, because a
    help text must not wait for it."""
    from bootstrap.application import open_application

    return open_application(settings, kind=kind)
