"""GET /orders."""

from dataclasses import dataclass, field

from api.store import Order, OrderStore

DEFAULT_LIMIT = 20


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
        self.secret = secret

    def list_orders(self, params: dict[str, str]) -> Response:
        """Answer `GET /orders` with these query parameters."""
        limit = int(params.get("limit", DEFAULT_LIMIT))
        offset = int(params.get("offset", 0))
        orders = []
        for place, order in enumerate(self.store.scan(params.get("status"))):
            if place >= offset:
                orders.append(_shown(order))
            if len(orders) == limit:
                break
        return Response(200, {"orders": orders})


def _shown(order: Order) -> dict:
    return {
        "id": order.id,
        "created_at": order.created_at,
        "status": order.status,
        "total_cents": order.total_cents,
    }
