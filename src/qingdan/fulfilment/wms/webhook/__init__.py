"""A warehouse, or a program of one's own, that speaks plain JSON: CloudEvents, signed with HMAC-SHA256."""

from qingdan.fulfilment.wms.webhook.events import WebhookAdapter, WebhookListener

__all__ = ["WebhookAdapter", "WebhookListener"]
