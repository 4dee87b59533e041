"""Qingdan 清单: order-review desk and backlog control tower."""

__version__ = "0.1.0"
