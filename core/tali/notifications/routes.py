"""Messages over HTTP: what became of each."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from tali.kernel.http import Blueprint, page_schema
from tali.kernel.pagination import page
from tali.notifications import schemas, service
from tali.organizations.access import as_staff

notifications = Blueprint(
    "notifications", __name__, url_prefix="/api/v1", description="The mails that TALI sends for you."
)


@notifications.route("/notifications")
class Notifications(MethodView):
    @notifications.arguments(schemas.NotificationQuery, location="query")
    @notifications.response(200, page_schema(schemas.NotificationSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """Messages, newest first, and what became of each."""
        with as_staff("owner", "recruiter") as (session, actor):
            about = query["subject_id"]
            hidden = None if about is None else service.about_blind(session, about, query["state"])
            if hidden is not None:
                return {"data": hidden, "next_cursor": None}
            rows = service.list_notifications(session, actor, **query)
            return page(rows, query["limit"], lambda row: (row.created_at.isoformat(), row.id))
