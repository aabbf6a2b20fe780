"""The orders API."""

from api.orders import OrdersApi, Response
from api.store import STATUSES, Order, OrderStore

__all__ = ["STATUSES", "Order", "OrderStore", "OrdersApi", "Response"]
