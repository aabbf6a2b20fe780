"""GET /orders."""

import itertools
import re
from dataclasses import dataclass, field

from api.cursors import Cursors, InvalidCursor
from api.errors import BadRequest
from api.store import STATUSES, Order, OrderStore

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
PARAMETERS = ("limit", "status", "cursor", "offset")


@dataclass(frozen=True)
class Response:
    """What goes back to the partner."""

    status: int
    body: dict
    headers: dict[str, str] = field(default_factory=dict)


class OrdersApi:
    """Lists orders. `secret` is the same on all servers."""

    def __init__(self, store: OrderStore, secret: bytes):
        self.store = store
        self.cursors = Cursors(secret)

    def list_orders(self, params: dict[str, str]) -> Response:
        """Answer `GET /orders` with these query parameters."""
        try:
            _check_names(params)
            limit, status = _limit(params), _status(params)
            before = self._position(params, status)
            offset = _offset(params)
        except BadRequest as error:
            return Response(400, {"code": error.code, "parameter": error.parameter, "message": error.message})
        if offset is not None:
            return self._deprecated_page(limit, status, offset)
        # One more than asked for tells whether there is another page.
        orders = list(itertools.islice(self.store.scan(status, before), limit + 1))
        page = orders[:limit]
        next_cursor = self.cursors.seal(page[-1].position, status) if len(orders) > limit else None
        return Response(200, {"orders": [_shown(order) for order in page], "next_cursor": next_cursor})

    def _position(self, params: dict[str, str], status: str | None) -> tuple[int, str] | None:
        """Where the page before this one ended."""
        if "cursor" not in params:
            return None
        try:
            position, of_status = self.cursors.open(params["cursor"])
        except InvalidCursor as error:
            message = "This is not a cursor of ours. Begin again without one."
            raise BadRequest("cursor_invalid", "cursor", message) from error
        if of_status != status:
            message = "This cursor belongs to a query with another status. Begin again without one."
            raise BadRequest("cursor_mismatch", "cursor", message)
        return position

    def _deprecated_page(self, limit: int, status: str | None, offset: int) -> Response:
        orders = itertools.islice(self.store.scan(status), offset, offset + limit)
        return Response(200, {"orders": [_shown(order) for order in orders]}, {"Deprecation": "true"})


def _check_names(params: dict[str, str]) -> None:
    known = ", ".join(PARAMETERS)
    for name in params:
        if name not in PARAMETERS:
            raise BadRequest("parameter_unknown", name, f"There is no parameter {name}; there are {known}.")


def _limit(params: dict[str, str]) -> int:
    limit = _whole_number(params.get("limit", str(DEFAULT_LIMIT)))
    if limit is None or not 1 <= limit <= MAX_LIMIT:
        raise BadRequest("limit_invalid", "limit", f"The limit must be a whole number from 1 to {MAX_LIMIT}.")
    return limit


def _status(params: dict[str, str]) -> str | None:
    status = params.get("status")
    if status is not None and status not in STATUSES:
        raise BadRequest("status_invalid", "status", f"The status must be one of {', '.join(STATUSES)}.")
    return status


def _offset(params: dict[str, str]) -> int | None:
    if "offset" not in params:
        return None
    if "cursor" in params:
        raise BadRequest("parameter_conflict", "offset", "Give a cursor or an offset, not both.")
    offset = _whole_number(params["offset"])
    if offset is None:
        raise BadRequest("offset_invalid", "offset", "The offset must be a whole number from 0.")
    return offset


def _whole_number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def _shown(order: Order) -> dict:
    return {
        "id": order.id,
        "created_at": order.created_at,
        "status": order.status,
        "total_cents": order.total_cents,
    }
