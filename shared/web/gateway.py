"""One port for all services of one machine, with a home page. In a cluster an ingress does the same.

Each service owns the paths that begin with its name, so no path is rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from flask import Flask, render_template

from shared.auth import TokenVerifier
from shared.runtime.context import Context
from shared.runtime.settings import Settings
from shared.web.admission.disk_space import DiskSpace
from shared.web.admission.measures import AdmissionMeasures
from shared.web.admission.request_kinds import RequestKinds
from shared.web.authorization import public
from shared.web.factory import bare_app, complete_app
from shared.web.health import Readiness
from shared.web.problem import Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_EXAMPLE = Problem(
    422,
    "invalid",
    errors=[
        {
            "field": "wrong",
            "message": "Số định danh có 12 chữ số.",
            "message_en": "An identity number has 12 digits.",
        }
    ],
)
"""What the page of components shows as an error."""


class Gateway:
    """Sends a request to the app that the path's first segment names, and every other request to `home`.

    Args:
        apps: by service name.
        home: the home page and the shared static files; see :func:`create_home`.
        today: the business day.
        disk: of the data.

    Attributes:
        measures: shows the metrics of this process's admission.
        today: the business day.
    """

    def __init__(
        self,
        apps: Mapping[str, WSGIApplication],
        home: WSGIApplication,
        today: Callable[[], date] = date.today,
        disk: DiskSpace | None = None,
    ) -> None:
        self._table: dict[str, Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]] = dict(apps)
        self._home = home
        self._apps = [app for app in (*apps.values(), home) if isinstance(app, Flask)]
        self.measures = AdmissionMeasures(list(apps), disk)
        self.today = today

    @cached_property
    def kinds(self) -> RequestKinds:
        """Which kind of request some bytes are; made when it is first needed, since processes that are not busy never ask."""
        return RequestKinds(self._apps)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request."""
        name = environ["PATH_INFO"][1:].partition("/")[0]
        return self._table.get(name, self._home)(environ, start_response)


def create_home(
    settings: Settings,
    contexts: Mapping[str, Context],
    titles: Mapping[str, tuple[str, str]],
    verifier: TokenVerifier | None = None,
) -> Flask:
    """The app behind ``/`` and ``/static/``.

    Args:
        settings: from the environment.
        contexts: the services of this machine; the page shows their health.
        titles: service → what it does, in Vietnamese and English.
        verifier: shared with the services.
    """
    app = bare_app("home", settings, "/static")
    probes = {name: Readiness(context.store) for name, context in contexts.items()}

    @public
    def home() -> str:
        """What citizens and officials find here."""
        return render_template("home.html", ready=all(probe.ready() for probe in probes.values()))

    @public
    def developers() -> str:
        """Interfaces, contracts, metrics and health of the services."""
        states = [
            {"name": name, "vi": titles[name][0], "en": titles[name][1], "ready": probe.ready()}
            for name, probe in probes.items()
        ]
        return render_template("developers.html", services=states)

    @public
    def components() -> str:
        """The components that all pages share, each with what it is for."""
        return render_template("components.html", problem=_EXAMPLE, at=settings.clock.wall())

    app.add_url_rule("/", "home", home, methods=["GET"])
    app.add_url_rule("/developers", "developers", developers, methods=["GET"])
    app.add_url_rule("/developers/components", "components", components, methods=["GET"])
    complete_app(app, settings, verifier or TokenVerifier(settings.auth, settings.clock.wall), lambda *_: None)
    return app
