"""What the board keeps because working it out takes longer than a page may: each row says of which moment it is."""

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qingdan.orders.models import Merchant, Order

STATES: Final = ("queued", "running", "done", "failed")


class BoardSetting(models.Model):
    """How one merchant's board looks: ``ranking`` says whether people's progress is shown."""

    merchant = models.OneToOneField(Merchant, on_delete=models.CASCADE, primary_key=True, related_name="+")
    ranking = models.BooleanField(db_default=True)

    def __str__(self) -> str:
        return f"{self.merchant_id}"


class Pulse(models.Model):
    """Money at risk, where orders wait and who did how much, as of ``at``; see ``pulse.look`` for the body."""

    merchant = models.OneToOneField(Merchant, on_delete=models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField()
    millis = models.IntegerField()
    body = models.JSONField()

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.at}"


class Exposure(models.Model):
    """Fen that an unshipped order costs by now (``now_fen``), and will within a day (``day_fen``, the first included).

    Only orders that cost something have a row. The rows and the sums in ``Pulse`` are written together.
    """

    order = models.OneToOneField(
        Order, on_delete=models.DO_NOTHING, primary_key=True, related_name="exposure", db_constraint=False
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    now_fen = models.BigIntegerField()
    day_fen = models.BigIntegerField()

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(now_fen__gte=0, day_fen__gte=models.F("now_fen"), day_fen__gt=0), name="exposure_grows"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.day_fen}"


class Diagnosis(models.Model):
    """Why orders waited that arrived in ``days`` days before ``made_at``, against the as many days before those.

    One row for each length; ``body`` is the last result and stays while the next is worked out.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+", db_index=False)
    days = models.SmallIntegerField()
    state = models.TextField(db_default="queued")
    asked_at = models.DateTimeField(db_default=Now())
    made_at = models.DateTimeField(null=True)
    millis = models.IntegerField(null=True)
    body = models.JSONField(null=True)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merchant", "days"], name="diagnosis_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="diagnosis_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.days}d {self.state}"


class DailyForecast(models.Model):
    """What was expected at the start of ``day`` (the shop's zone), and the backlog then: later rows tell what came.

    ``body`` holds the quantiles by day ahead; null when too little was known.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    made_at = models.DateTimeField()
    backlog = models.BigIntegerField()
    body = models.JSONField(null=True)

    class Meta:
        """Invariants."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["merchant", "day"], name="forecast_daily")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.day}"


class DayReport(models.Model):
    """The report of a day that is over, as it was put together that night."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    made_at = models.DateTimeField()
    body = models.JSONField()

    class Meta:
        """Invariants."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["merchant", "day"], name="report_daily")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.day}"
